"""Both databases for the tests of this folder."""

from tests.databases import farm_database_url, postgres, postgres_template

__all__ = ["farm_database_url", "postgres", "postgres_template"]
