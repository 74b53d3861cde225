-- migrate:up
create view room_occupancy as
  select rooms.name as room,
         count(bookings.id) filter (where bookings.status = 'confirmed') as confirmed_stays,
         coalesce(
           sum(bookings.leaves_on - bookings.arrives_on)
             filter (where bookings.status = 'confirmed'),
           0
         ) as nights
    from rooms
    left join bookings on bookings.room_id = rooms.id
   group by rooms.name;

-- migrate:down
drop view room_occupancy;
