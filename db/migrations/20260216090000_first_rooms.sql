-- migrate:up
copy rooms (name, beds, nightly_price) from stdin;
Garden	2	84.00
Harbour	2	96.50
Attic; quiet	1	61.00
Family	4	148.00
\.

insert into customers (email, full_name)
values ('ada@example.org', 'Ada Lovelace'), ('grace@example.org', 'Grace Hopper');

insert into bookings (customer_id, room_id, status, arrives_on, leaves_on)
select customers.id, rooms.id, 'confirmed', date '2026-03-06', date '2026-03-09'
  from customers, rooms
 where customers.email = 'ada@example.org' and rooms.name = 'Harbour';

-- migrate:down
delete from bookings;
delete from customers where email in ('ada@example.org', 'grace@example.org');
delete from rooms where name in ('Garden', 'Harbour', 'Attic; quiet', 'Family');
