-- Cuts the table of service cards into parts, by a hash of the card: for millions of cards, whose indexes then
-- are built, vacuumed and kept in memory part by part. The platform sees the same table and needs no change.
--
--   psql --set ON_ERROR_STOP=1 --file deploy/sql/partition_service_card.sql "$(quartier db url --owner)"
--   quartier db migrate        -- writes the public views anew
--
-- Everything or nothing; readers wait for as long as it takes to copy the table (seconds for a million cards).
BEGIN;
LOCK TABLE service_card IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    parts constant int := 8;
    part int;
    columns text;
    addition text;
    additions text[];
BEGIN
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = 'service_card'::regclass) THEN
        RAISE EXCEPTION 'service_card is in parts already';
    END IF;

    -- Constraints and indexes keep their names: later migrations call them by these.
    SELECT array_agg(definition ORDER BY is_index, definition) INTO additions
    FROM (
        SELECT false AS is_index, format('ALTER TABLE service_card ADD CONSTRAINT %I %s', conname,
            pg_get_constraintdef(oid)) AS definition
        FROM pg_constraint WHERE conrelid = 'service_card'::regclass
        UNION ALL
        SELECT true, pg_get_indexdef(indexrelid)
        FROM pg_index
        WHERE indrelid = 'service_card'::regclass
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ) AS found;

    CREATE TABLE service_card_new (
        LIKE service_card INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING COMMENTS INCLUDING STORAGE
    ) PARTITION BY HASH (id);
    FOR part IN 0..parts - 1 LOOP
        EXECUTE format(
            'CREATE TABLE service_card_%s PARTITION OF service_card_new'
            ' FOR VALUES WITH (MODULUS %s, REMAINDER %s)', part, parts, part);
    END LOOP;

    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute
    WHERE attrelid = 'service_card'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('INSERT INTO service_card_new (%s) SELECT %s FROM service_card', columns, columns);

    DROP TABLE service_card CASCADE;  -- with the public views, which `quartier db migrate` writes anew
    ALTER TABLE service_card_new RENAME TO service_card;
    FOREACH addition IN ARRAY additions LOOP
        EXECUTE addition;
    END LOOP;
END $$;

COMMIT;
ANALYZE service_card;
