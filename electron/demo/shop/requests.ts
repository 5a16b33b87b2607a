import { categories, productTags, type ShopScale } from './catalogue.ts';
import { pick, randomFrom } from './random.ts';

/** What one visitor of the shop asks of the API. Everything the request does follows from these numbers. */
export interface ShopRequest {
  kind: RequestKind;
  userId: number;
  productId: number;
  categoryId: number;
  page: number;
  /** Which of the user's sessions. */
  session: number;
  /** Of small choices within the request, 0 to 999. */
  detail: number;
}

/** How often each kind is asked, in parts of 1,000. */
const kinds = [
  ['product', 320],
  ['category', 190],
  ['user', 200],
  ['profile', 70],
  ['legacy-profile', 15],
  ['search', 55],
  ['cart', 60],
  ['login', 25],
  ['order', 30],
  ['history', 5],
  ['edit-product', 8],
  ['edit-user', 7],
  ['fulfil', 13],
  ['bestsellers', 2],
] as const;
export type RequestKind = (typeof kinds)[number][0];

const total = kinds.reduce((sum, [, parts]) => sum + parts, 0);

function kindAt(parts: number): RequestKind {
  let left = parts;
  for (const [kind, share] of kinds) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'product';
}

/** The endless sequence of requests; equal seeds give equal sequences. Popular ids come up most. */
export function* shopRequests(seed: number, scale: ShopScale): Generator<ShopRequest, never> {
  const random = randomFrom(seed + 101);
  for (;;) {
    yield {
      kind: kindAt(pick(random, total)),
      userId: 1 + pick(random, scale.users, 3),
      productId: 1 + pick(random, scale.products, 3),
      categoryId: 1 + pick(random, categories.length, 2),
      page: 1 + pick(random, 20, 4),
      session: pick(random, 4),
      detail: pick(random, 1000),
    };
  }
}

/** The search term of a request. */
export const searchTerm = ({ detail, categoryId }: ShopRequest) => `${productTags[detail % productTags.length]}-${categoryId}`;
