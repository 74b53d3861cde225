-- migrate:up
create function touch_updated_at() returns trigger
language plpgsql as $$
begin
  new.updated_at := now(); -- the body's own semicolons divide nothing
  return new;
end;
$$;

create trigger bookings_touch
  before update on bookings
  for each row execute function touch_updated_at();

-- migrate:down
drop trigger bookings_touch on bookings;
drop function touch_updated_at();
