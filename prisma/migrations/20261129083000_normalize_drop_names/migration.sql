-- The name of a drop, whether the API, Prisma Studio or psql writes it: in Unicode's normalization form C, so that a name has one form however it was
-- typed; with a visible character; on one line, without marks that override the direction of writing. The API refuses more
-- (src/lib/http/text.ts): it has Unicode's tables.
--
-- A trigger for writes of the name, and no CHECK: a CHECK would also refuse every sale of a drop that was named before.
CREATE FUNCTION "drops_normalize_name"() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name IS NOT DISTINCT FROM OLD.name THEN
        RETURN NEW;
    END IF;
    -- Other encodings have neither normalization forms nor these characters.
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RETURN NEW;
    END IF;
    NEW.name := normalize(NEW.name, NFC);
    IF NEW.name COLLATE "C" ~ E'[\\u0001-\\u001F\\u007F-\\u009F\\u2028-\\u202E\\u2066-\\u2069]' THEN
        RAISE EXCEPTION 'the name of a drop has no line breaks, other control characters or direction overrides'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_name_without_controls';
    END IF;
    -- Spaces, soft hyphens, joiners and fillers, variation selectors, the braille blank, the byte order mark.
    IF NEW.name COLLATE "C" ~ (
        E'^[ \\u00A0\\u00AD\\u034F\\u061C\\u115F\\u1160\\u1680\\u17B4\\u17B5\\u180B-\\u180F\\u2000-\\u200F\\u202F'
        || E'\\u205F-\\u206F\\u2800\\u3000\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0]+$'
    ) THEN
        RAISE EXCEPTION 'the name of a drop has a visible character'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'drops_name_visible';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "drops_normalize_name" BEFORE INSERT OR UPDATE OF "name" ON "drops"
    FOR EACH ROW EXECUTE FUNCTION "drops_normalize_name"();
