"""Short ways to a form and to what it says, for the tests beside this file."""

from typing import Any

from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.state import FormState
from pandium_tui.manifest.yaml_reading import read_yaml


def form_of(text: str, *, dynamic: Any = None, metadata: Any = None, init_has_run: bool = True) -> Form:
    """The form of a text with ``schema`` and ``uischema``; what is odd about it is a failure."""
    form = odd_form_of(text, dynamic=dynamic, metadata=metadata, init_has_run=init_has_run)
    assert form.notes == ()
    return form


def odd_form_of(text: str, *, dynamic: Any = None, metadata: Any = None, init_has_run: bool = True) -> Form:
    document = read_yaml(text.encode())
    assert document.problems == ()
    assert document.root is not None
    configs = document.root.value
    return build_form(
        configs.get("schema"), configs.get("uischema"), dynamic=dynamic, metadata=metadata, dynamic_known=init_has_run
    )


def field_of(declaration: str, options: str = "{}", **more: Any) -> Field:
    """The field of one property ``it`` with this declaration."""
    (field,) = form_of(one_property(declaration, options), **more).fields[:1]
    return field


def one_property(declaration: str, options: str = "{}") -> str:
    control = f"{{type: Control, scope: '#/properties/it', options: {options}}}"
    return f"schema: {{properties: {{it: {declaration}}}}}\nuischema: {{type: VerticalLayout, elements: [{control}]}}"


def shown(form: Form, state: FormState) -> list[str]:
    """The paths of the visible fields, from top to bottom."""
    return [field.path for field in form.fields if field.number in state.visible]


def texts(state: FormState) -> list[str]:
    return [problem.text for problem in state.problems]
