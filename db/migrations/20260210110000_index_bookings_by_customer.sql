-- An index built CONCURRENTLY does not keep anybody from writing, but cannot run in a transaction.

-- migrate:up transaction:false
create index concurrently bookings_customer_id_idx on bookings (customer_id);
create index concurrently bookings_room_id_arrives_on_idx on bookings (room_id, arrives_on);

-- migrate:down transaction:false
drop index concurrently bookings_room_id_arrives_on_idx;
drop index concurrently bookings_customer_id_idx;
