import { mix } from './random.ts';

/** How large the shop is. Row counts of Postgres; the keys are counted apart. */
export interface ShopScale {
  users: number;
  products: number;
  orders: number;
  orderLines: number;
}

/** The shop of the demo: 200,000 products and 1,050,000 order lines; users grow with the keys asked for. */
export function fullScale(keys: number): ShopScale {
  return { users: Math.min(750_000, Math.max(50_000, Math.ceil(keys * 0.15))), products: 200_000, orders: 300_000, orderLines: 1_050_000 };
}

/** A shop for tests: seeded in a fraction of a second. */
export const smallScale: ShopScale = { users: 2_000, products: 3_000, orders: 2_000, orderLines: 7_000 };

export const firstNames = ['Ada', 'Alva', 'Amir', 'Anouk', 'Björn', 'Chiara', 'Dmitri', 'Elif', 'Femke', 'Giorgos', 'Hana', 'Ines', 'Jonas', 'Kaja', 'Liam', 'Mira', 'Noor', 'Oskar', 'Petra', 'Quentin', 'Rosa', 'Søren', 'Teodor', 'Uma', 'Vera', 'Wanda', 'Xavier', 'Yuki', 'Zoë'] as const;
export const lastNames = ['Ahmadi', 'Bakker', 'Costa', 'Dubois', 'Eriksen', 'Fischer', 'García', 'Horvat', 'Ivanova', 'Jansen', 'Kowalska', 'Lindqvist', 'Moreau', 'Novák', 'Olsen', 'Papadakis', 'Rossi', 'Sato', 'Türk', 'Virtanen', 'Weber', 'Zhang', "O'Neill"] as const;
export const countries = ['SE', 'DE', 'FR', 'NL', 'IT', 'ES', 'PL', 'GR', 'NO', 'DK', 'FI', 'CZ', 'TR', 'JP', 'IE'] as const;
export const tiers = ['basic', 'basic', 'basic', 'silver', 'silver', 'gold'] as const;
const kinds = ['Chairs', 'Lamps', 'Rugs', 'Desks', 'Shelves', 'Mugs', 'Blankets', 'Clocks', 'Vases', 'Planters', 'Frames', 'Stools'] as const;
const rooms = ['Living', 'Kitchen', 'Office', 'Garden', 'Kids'] as const;
export const materials = ['Oak', 'Walnut', 'Linen', 'Wool', 'Steel', 'Brass', 'Glass', 'Cork', 'Clay', 'Rattan', 'Marble', 'Bamboo', 'Felt'] as const;
export const objects = ['chair', 'lamp', 'rug', 'desk', 'shelf', 'mug', 'blanket', 'clock', 'vase', 'planter', 'frame', 'stool', 'mirror', 'tray', 'basket', 'bench', 'cushion'] as const;
export const colours = ['ash', 'amber', 'indigo', 'moss', 'sand', 'rust', 'slate', 'pearl', 'ochre', 'plum', 'sage'] as const;
export const productTags = ['sale', 'new', 'handmade', 'outlet', 'eco', 'gift', 'bestseller', 'limited'] as const;
export const cities = [
  ['Stockholm', 18.0686, 59.3293], ['Berlin', 13.405, 52.52], ['Paris', 2.3522, 48.8566], ['Amsterdam', 4.9041, 52.3676],
  ['Rome', 12.4964, 41.9028], ['Madrid', -3.7038, 40.4168], ['Warsaw', 21.0122, 52.2297], ['Athens', 23.7275, 37.9838],
  ['Oslo', 10.7522, 59.9139], ['Copenhagen', 12.5683, 55.6761], ['Helsinki', 24.9384, 60.1699], ['Prague', 14.4378, 50.0755],
  ['Istanbul', 28.9784, 41.0082], ['Tokyo', 139.6503, 35.6762], ['Dublin', -6.2603, 53.3498],
] as const;

/** Names of the 60 categories; id is the position plus one. */
export const categories: readonly string[] = rooms.flatMap((room) => kinds.map((kind) => `${room} ${kind.toLowerCase()}`));
export const pageSize = 24;

/** Unix seconds of 2024-01-01; all dates are counted from here so that equal seeds give equal rows. */
export const epoch = 1_704_067_200;

/** A row of `users`, with the column names of the API's JSON. */
export interface User {
  id: number;
  email: string;
  name: string;
  country: string;
  tier: string;
  createdAt: string;
}

const at = (list: readonly string[], index: number): string => list[index] ?? '';

/** The user that Postgres was seeded with under this id. */
export function userOf(id: number): User {
  const name = `${at(firstNames, mix(id, 0, firstNames.length))} ${at(lastNames, mix(id, 1, lastNames.length))}`;
  return {
    id,
    email: `user${id}@shop.example`,
    name,
    country: at(countries, mix(id, 2, countries.length)),
    tier: at(tiers, mix(id, 3, tiers.length)),
    createdAt: new Date((epoch + mix(id, 4, 700 * 86_400)) * 1000).toISOString(),
  };
}

/** A row of `products`. */
export interface Product {
  id: number;
  categoryId: number;
  name: string;
  priceCents: number;
  stock: number;
  /** Tenths of a star, 10 to 50. */
  rating: number;
}

/** The product that Postgres was seeded with under this id. */
export function productOf(id: number): Product {
  const share = mix(id, 0, 1000);
  return {
    id,
    // Squared, so that a few categories are large.
    categoryId: 1 + Math.floor((share * share * categories.length) / 1_000_000),
    name: `${at(materials, mix(id, 1, materials.length))} ${at(objects, mix(id, 2, objects.length))}, ${at(colours, mix(id, 3, colours.length))}`,
    priceCents: 490 + mix(id, 4, 49_500),
    stock: mix(id, 2, 400),
    rating: 10 + mix(id, 3, 41),
  };
}

const agents = ['Firefox 138 on Linux', 'Chrome 136 on Windows', 'Safari 19 on macOS', 'Chrome 136 on Android', 'Safari 19 on iOS', 'okhttp/5.0'] as const;

/** The client that a session was opened with. */
export const mixUserAgent = (at: number): string => agents[mix(at, 4, agents.length)] ?? agents[0];
