"""Work in the background: the queue of procrastinate, in a schema of its own.

The tables and functions are the library's and come from it as it is installed; nothing of ours refers to them but
the functions that defer jobs. In their own schema neither our models nor the role that reads know of them. Each
function is tied to that schema, so that it works whatever the search path of its caller: a web process defers
a job in the transaction of its own write.

Revision ID: 0004
Revises: 0003
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIE_FUNCTIONS = """
DO $$
DECLARE each regprocedure;
BEGIN
  FOR each IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'jobs'::regnamespace LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_temp', each);
  END LOOP;
END $$
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("CREATE SCHEMA jobs")
    connection.exec_driver_sql("SET LOCAL search_path = jobs")
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql(TIE_FUNCTIONS.replace("%", "%%"))
    connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
