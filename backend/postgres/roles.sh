#!/bin/sh
# Run once by the postgres image, as superuser, when the volume is new: the two roles, and what only a superuser may add.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
    -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE utfall_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE utfall_app LOGIN PASSWORD :'app_password';
ALTER DATABASE utfall OWNER TO utfall_owner;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SQL
