"""From ``configs`` to a form."""

from typing import Any

from pandium_tui.manifest.form.choices import clean_choices
from pandium_tui.manifest.form.definition import Definition
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.normalise import Normaliser
from pandium_tui.manifest.form.oddities import Oddities, Oddity
from pandium_tui.manifest.form.tree import TreeBuilder


def build_form(
    config_schema: Any,
    config_uischema: Any,
    *,
    dynamic: Any = None,
    metadata: Any = None,
    dynamic_known: bool,
) -> Form:
    """The form that a schema and a uischema describe. Never raises: what is odd is in :attr:`Form.notes`.

    Args:
        config_schema: ``configs.schema`` of a release, any JSON.
        config_uischema: ``configs.uischema``; without one the form has a field for each property, in their order.
        dynamic: the choices that the last successful init run printed, as
            :func:`~.choices.dynamic_from_state` gives them.
        metadata: the tenant's metadata, for ``$ref: '#/metadata/NAME'``.
        dynamic_known: whether there was a successful init run. Until then fields with a placeholder are disabled.
    """
    oddities = Oddities()
    messages: list[str] = []
    choices = clean_choices(dynamic, messages)
    stored = clean_choices({name: value for name, value in _items(metadata) if isinstance(value, list)})
    for message in messages:
        oddities.add(Oddity("schema", "", "warning", message))
    schema = Normaliser(config_schema, choices, stored, dynamic_known, oddities).run()
    elements = TreeBuilder(schema, config_uischema, oddities).build()
    definition = Definition(elements, schema)
    if not definition.validator.usable:
        message = "the schema as a whole cannot be used to check values"
        oddities.add(Oddity("schema", "", "warning", message))
    return Form(definition, oddities.all())


def _items(metadata: Any) -> list[tuple[str, Any]]:
    return list(metadata.items()) if isinstance(metadata, dict) else []
