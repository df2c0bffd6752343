"""JSON Schemas (draft 2020-12) of the files that maintainers write, for editors that validate and complete."""

from engine.introspection.json_schema.folder import folder_schema
from engine.introspection.json_schema.plain import json_schema, scenario_schema

__all__ = ["folder_schema", "json_schema", "scenario_schema"]
