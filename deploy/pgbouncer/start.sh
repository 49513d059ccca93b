#!/bin/sh
# Writes the one account that may pass, and starts PgBouncer in its place.
set -eu
umask 077
printf '"quartier" "%s"\n' "$(printf '%s' "${DATABASE_PASSWORD:?}" | sed 's/"/""/g')" >/etc/pgbouncer/userlist.txt
exec pgbouncer -q /etc/pgbouncer/pgbouncer.ini
