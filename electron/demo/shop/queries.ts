import { pageSize } from './catalogue.ts';

/** Rows as the API's JSON has them. */
export const userById = `select id, email, name, country, tier, created_at as "createdAt" from users where id = $1`;

export const productById = `select id, name, category_id as "categoryId", price_cents as "priceCents", stock, rating from products where id = $1`;

/** The slow one: without an index on (category_id, rating) it reads and sorts all products. */
export const categoryPage = `select id, name, price_cents as "priceCents", rating from products
where category_id = $1 order by rating desc, id limit ${pageSize} offset $2`;

/** Reads all products: the pattern begins with a wildcard. */
export const searchProducts = `select id, name, category_id as "categoryId", price_cents as "priceCents", stock, rating from products
where category_id = $1 and name ilike '%' || $2 || '%' order by price_cents limit 12`;

/** Reads all orders and all order lines: neither user_id nor order_id is indexed. */
export const orderHistory = `select o.id, o.status, o.placed_at as "placedAt", count(l.id)::int as lines, coalesce(sum(l.quantity * l.unit_cents), 0)::int as "totalCents"
from orders o left join order_lines l on l.order_id = o.id where o.user_id = $1
group by o.id order by o.placed_at desc limit 20`;

/** Aggregates all order lines. */
export const bestsellers = `select l.product_id as "productId", p.name, sum(l.quantity)::int as sold
from order_lines l join products p on p.id = l.product_id group by l.product_id, p.name order by sold desc limit 50`;

export const insertOrder = `with placed as (
  insert into orders (user_id, status, total_cents, placed_at) values ($1, 'placed', $3::int * $4::int, now()) returning id),
lines as (
  insert into order_lines (order_id, product_id, quantity, unit_cents) select id, $2::int, $3::int, $4::int from placed),
taken as (
  update products set stock = greatest(0, stock - $3::int), updated_at = now() where id = $2::int)
select id::int from placed`;

export const reprice = `update products set price_cents = $2, updated_at = now() where id = $1 returning category_id as "categoryId"`;

export const changeTier = `update users set tier = $2 where id = $1`;
