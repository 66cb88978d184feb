-- needs: product2
select id as product_id, coalesce(name, id) as product_name, family as product_line, is_deleted, updated_at, _vendor_file, _vendor_id
from product2
