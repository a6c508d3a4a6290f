"""The example of the reference for forms, from the file to the environment of a run."""

import yaml

from pandium_tui.manifest.form.choices import dynamic_from_state
from pandium_tui.manifest.form.fields import Divider, Field, Note, Section
from tests.manifest.form.forms import form_of

CONFIGS = """\
schema:
  type: object
  required: [queue_id]
  definitions:
    queues:
      oneOf: [{const: placeholder, title: Run init first}]
    tags:
      enum: [placeholder]
  properties:
    log_level: {type: string, enum: [INFO, DEBUG], default: INFO}
    batch: {type: integer, default: 50, min: 1, max: 500}
    since: {type: string, format: date}
    push_notes: {type: boolean, default: false}
    template: {type: string}
    queue_id: {$ref: '#/definitions/queues'}
    tag_names: {type: array, uniqueItems: true, items: {$ref: '#/definitions/tags'}}
uischema:
  type: VerticalLayout
  elements:
    - {type: Control, label: Log level, scope: '#/properties/log_level', admin: true}
    - type: Section
      label: Tickets
      subtitle: What to copy
      hintText: "Queue: where tickets come from.\\n Tags: only these."
      elements:
        - {type: Control, label: Queue, scope: '#/properties/queue_id'}
        - {type: Label, title: Tags}
        - {type: MultiSelectControl, scope: '#/properties/tag_names'}
    - type: Divider
    - {type: Control, label: Since, scope: '#/properties/since', options: {trim: true}}
    - {type: Control, label: Batch size, scope: '#/properties/batch'}
    - {type: Control, label: "Push notes?", scope: '#/properties/push_notes'}
    - {type: Control, label: Template, scope: '#/properties/template', options: {multi: true}}
"""
PRINTED = (
    "not this line\n"
    '{"queues": [{"const": 7, "title": "Billing"}, {"const": 9, "title": "Returns"}],'
    ' "tags": ["vip", "late order"]}\n\n'
)


def test_what_a_screen_shows() -> None:
    form = form_of(CONFIGS, init_has_run=False)
    log_level, section, divider, *rest = form.elements
    assert isinstance(log_level, Field)
    assert (log_level.label, log_level.kind, log_level.admin) == ("Log level", "choice", True)
    assert isinstance(section, Section)
    assert (section.label, section.subtitle) == ("Tickets", "What to copy")
    assert section.help == "Queue: where tickets come from.\nTags: only these."
    queue, note, tags = section.elements
    assert isinstance(queue, Field)
    assert isinstance(note, Note)
    assert isinstance(tags, Field)
    assert (queue.kind, queue.required, note.text, tags.kind, tags.label) == (
        "choice",
        True,
        "Tags",
        "multichoice",
        "Tag names",
    )
    assert isinstance(divider, Divider)
    facts = [(field.kind, field.label, field.limits) for field in rest if isinstance(field, Field)]
    assert facts == [
        ("date", "Since", ""),
        ("integer", "Batch size", "1 to 500"),
        ("boolean", "Push notes?", ""),
        ("multiline", "Template", ""),
    ]


def test_what_a_run_receives() -> None:
    choices, notes = dynamic_from_state(PRINTED, yaml.safe_load(CONFIGS)["schema"])
    assert notes == ()
    form = form_of(CONFIGS, dynamic=choices)
    state = form.state({"queue_id": 9, "tag_names": ["vip", "late order"]})
    assert state.problems == ()
    assert (state.saveable, state.runnable) == (True, True)
    assert state.environment == {
        "PAN_CFG_LOG_LEVEL": "INFO",
        "PAN_CFG_BATCH": "50",
        "PAN_CFG_PUSH_NOTES": "false",
        "PAN_CFG_QUEUE_ID": "9",
        "PAN_CFG_TAG_NAMES": '["vip","late order"]',
    }


def test_before_the_first_init_run_values_can_be_saved_but_not_used() -> None:
    form = form_of(CONFIGS, init_has_run=False)
    state = form.state({})
    queue, tags = form.field_at("/queue_id"), form.field_at("/tag_names")
    assert queue is not None
    assert tags is not None
    assert state.hints == dict.fromkeys((queue.number, tags.number), "Run init to load the choices")
    assert not state.enabled & {queue.number, tags.number}
    assert [problem.text for problem in state.problems] == ["Queue: required; run init to load the choices"]
    assert (state.saveable, state.runnable) == (True, False)


def test_a_customer_sees_no_fields_for_staff_but_runs_get_them() -> None:
    form = form_of(CONFIGS, init_has_run=False)
    log_level = form.field_at("/log_level")
    assert log_level is not None
    as_staff, as_customer = form.state({}), form.state({}, as_customer=True)
    assert as_staff.visible - as_customer.visible == {log_level.number}
    assert as_customer.environment == as_staff.environment
    # A customer cannot repair what only staff sees.
    assert not form.state({"log_level": "x"}).saveable
    wrong = form.state({"log_level": "x"}, as_customer=True)
    assert (wrong.saveable, wrong.runnable) == (True, False)
