"""What ``manifest check`` says about a form, and where."""

import pytest

from pandium_tui.manifest.manifest import read_manifest
from pandium_tui.manifest.problem import MAX_PROBLEMS

HEAD = "version: 0.4\nbase: Node\nrun: node .\nconfigs:\n"


def problems(configs: str) -> list[tuple[str, int, int, str, str]]:
    """Severity, line and column below ``configs:``, path below it, message."""
    text = HEAD + "".join(f"  {line}\n" for line in configs.strip("\n").split("\n"))
    found = read_manifest(text.encode()).problems
    return [
        (one.severity, one.line - 4, one.column - 2, one.path.removeprefix("/configs"), one.message) for one in found
    ]


@pytest.mark.parametrize(
    ("configs", "place", "says"),
    [
        (
            "schema: {properties: {name: {type: string}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/nmae'},"
            " {type: Control, scope: '#/properties/name'}]}",
            ("warning", 2, 46, "/uischema/elements/0/scope"),
            'scope "#/properties/nmae" leads to no property of the schema; the control is left out; '
            'did you mean "name"?',
        ),
        (
            "schema: {properties: {a: {}}}\nuischema: {elements: [{type: Control, scope: '#/properties/a', labl: x}]}",
            ("warning", 2, 64, "/uischema/elements/0/labl"),
            'key "labl" means nothing here and is ignored; did you mean "label"?',
        ),
        (
            "schema: {properties: {a: {}}}\nuischema: {elements: [{type: Contrl, scope: '#/properties/a'}]}",
            ("warning", 2, 30, "/uischema/elements/0/type"),
            'element type "Contrl" is not known; it is shown like Control; did you mean "Control"?',
        ),
        (
            "schema: {properties: {a: {}}}\nuischema: {elements: [{type: Input, scope: '#/properties/a'}]}",
            ("warning", 2, 30, "/uischema/elements/0/type"),
            'element type "Input" is not known; it is shown like Control; known are Control, MultiSelectControl, '
            "VerticalLayout, HorizontalLayout, Group, Section, Categorization, Category, Label, Divider",
        ),
        (
            "schema: {properties: {a: {type: strng}}}",
            ("warning", 1, 33, "/schema/properties/a/type"),
            "type must be one of string, integer, number, boolean, array, object, null, or a list of these; it is "
            'ignored; did you mean "string"?',
        ),
        (
            "schema: {properties: {a: {oneOf: [{title: X, type: string},"
            " {title: Y, properties: {b: {type: integer, default: c}}}]}}}",
            ("warning", 1, 113, "/schema/properties/a/oneOf/1/properties/b/default"),
            'the default of "b" is not valid: must be a whole number',
        ),
        (
            "schema: {properties: {a: {}}, if: {required: [a]}, then: {required: [c], properties: {a: {}}}}",
            ("warning", 1, 70, "/schema/then/required/0"),
            '"c" is required, but no property has this name',
        ),
        (
            "schema: {properties: {a: {anyOf: [{title: A, type: integer}, {type: string}]}}}",
            ("warning", 1, 27, "/schema/properties/a/anyOf"),
            'alternatives of "a" have no title to choose them by; write one in each',
        ),
        (
            "schema: {properties: {a: {}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a', options: {mulit: true, other: 1}}]}",
            ("warning", 2, 74, "/uischema/elements/0/options/mulit"),
            'option "mulit" means nothing and is ignored; did you mean "multi"?',
        ),
        (
            "schema: {properties: {a: {items: {properties: {name: {}}}}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a', options: {elementLabelProp: nmae}}]}",
            ("warning", 2, 92, "/uischema/elements/0/options/elementLabelProp"),
            'elementLabelProp "nmae" is no property of the entries; did you mean "name"?',
        ),
        (
            "schema: {properties: {a: {}}, oneOf: [{properties: {b: {}}}, {properties: {a: {}}}]}",
            ("warning", 1, 31, "/schema/oneOf"),
            "alternatives of all settings have no title to choose them by; write one in each",
        ),
        (
            "schema: {anyOf: [{title: A, properties: {a: {}}}, {type: string}, {title: B, properties: {b: {}}}]}",
            ("warning", 1, 51, "/schema/anyOf/1"),
            "an alternative of all settings must be of type object; it cannot be chosen",
        ),
        (
            "schema: {properties: {a-b: {}}, then: {properties: {a_b: {}}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a-b'},"
            " {type: Control, scope: '#/properties/a_b'}]}",
            ("error", 1, 10, "/schema/properties"),
            'properties "a-b" and "a_b" both become PAN_CFG_A_B; rename one of them',
        ),
        (
            "schema: {properties: {}}\nuischema: {elements: [{label: x}]}",
            ("warning", 2, 23, "/uischema/elements/0"),
            "this element has no type; it is left out",
        ),
        (
            "schema: {properties: {}}\nuischema: {elements: [{type: Control}]}",
            ("warning", 2, 23, "/uischema/elements/0"),
            "this control has no scope and is left out; write scope: '#/properties/NAME'",
        ),
        (
            "schema: {properties: {a: {}}}\nuischema:\n  elements:\n"
            "  - {type: Control, scope: '#/properties/a'}\n  - {type: Control, scope: '#/properties/a'}",
            ("warning", 5, 28, "/uischema/elements/1/scope"),
            'there is a second control for "#/properties/a"; remove one',
        ),
        (
            "schema: {properties: {a: {}, b: {}}}\nuischema: {elements: [{type: Control, scope: '#/properties/a'}]}",
            ("warning", 1, 30, "/schema/properties/b"),
            'property "b" has no control, so nobody can fill it in',
        ),
        (
            "schema: {properties: {a: {ref: x}}}",
            ("warning", 1, 27, "/schema/properties/a/ref"),
            'key "ref" means nothing in a schema and is ignored; did you mean "$ref"?',
        ),
        (
            "schema: {properties: {a: {minmum: 3}}}",
            ("warning", 1, 27, "/schema/properties/a/minmum"),
            'key "minmum" means nothing in a schema and is ignored; did you mean "minimum"?',
        ),
        (
            "schema: {properties: {a: {min: x}}}",
            ("warning", 1, 32, "/schema/properties/a/min"),
            "min must be a number; it is ignored",
        ),
        (
            "schema: {properties: {a: {type: strin}}}",
            ("warning", 1, 33, "/schema/properties/a/type"),
            "type must be one of string, integer",
        ),
        (
            "schema: {properties: {a: {pattern: '('}}}",
            ("warning", 1, 36, "/schema/properties/a/pattern"),
            "pattern must be a regular expression, and this one does not compile; it is ignored",
        ),
        (
            "schema: {properties: {a: {required: true}}}",
            ("warning", 1, 37, "/schema/properties/a/required"),
            "required must be a list of names of properties, beside properties; it is ignored",
        ),
        (
            "schema: {properties: {a: {items: {oneOf: []}}}}",
            ("warning", 1, 42, "/schema/properties/a/items/oneOf"),
            "oneOf must be a list of schemas, with one at least; it is ignored",
        ),
        (
            "schema: {properties: {a: {allOf: [3]}}}",
            ("warning", 1, 35, "/schema/properties/a/allOf/0"),
            "a schema must be a mapping",
        ),
        (
            "schema: {properties: {a: {$ref: '#/definitions/queue'}}, definitions: {queues: {enum: [a, b]}}}",
            ("error", 1, 33, "/schema/properties/a/$ref"),
            '$ref "#/definitions/queue" leads nowhere; did you mean "queues"?',
        ),
        (
            "schema: {properties: {a: {$ref: 'http://x/y'}}}",
            ("error", 1, 33, "/schema/properties/a/$ref"),
            '$ref "http://x/y" is not in this schema and is never fetched; write "#/definitions/NAME"',
        ),
        (
            "schema: {properties: {a: {$ref: 'file:///etc/passwd'}}}",
            ("error", 1, 33, "/schema/properties/a/$ref"),
            "is never fetched",
        ),
        (
            "schema: {properties: {a: {$ref: 'definitions/l'}}, definitions: {l: {enum: [a, b]}}}",
            ("warning", 1, 33, "/schema/properties/a/$ref"),
            '$ref "definitions/l" should begin with "#/"',
        ),
        (
            "schema: {definitions: {x: {$ref: '#/definitions/y'}, y: {$ref: '#/definitions/x'}}}",
            ("error", 1, 34, "/schema/definitions/x/$ref"),
            'circle: "/definitions/y" to "/definitions/x" to "/definitions/y"',
        ),
        (
            "schema: {properties: {a-b: {}, A_b: {}}}",
            ("error", 1, 32, "/schema/properties/A_b"),
            'properties "a-b" and "A_b" both become PAN_CFG_A_B; rename one of them',
        ),
        (
            "schema: {properties: {a: {type: integer, max: 3, default: 5}}}",
            ("warning", 1, 59, "/schema/properties/a/default"),
            'the default of "a" is not valid: at most 3',
        ),
        (
            "schema: {properties: {a: {enum: [x, y], default: z}}}",
            ("warning", 1, 50, "/schema/properties/a/default"),
            'the default of "a" is not valid: must be one of "x", "y"',
        ),
        (
            "schema: {properties: {o: {properties: {p: {type: string, default: 5}}}}}",
            ("warning", 1, 67, "/schema/properties/o/properties/p/default"),
            "must be a text",
        ),
        (
            "schema: {required: [queu], properties: {queue: {}}}",
            ("warning", 1, 21, "/schema/required/0"),
            '"queu" is required, but no property has this name; did you mean "queue"?',
        ),
        (
            "schema: {properties: {a: {enum: [1, 2]}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a', options: {dependsOn: '#/properties/b'}}]}",
            ("error", 2, 85, "/uischema/elements/0/options/dependsOn"),
            'dependsOn "#/properties/b" leads to no property of the schema',
        ),
        (
            "schema: {properties: {a: {enum: [1, 2]}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a', options: {dependsOn: '#/properties/a'}}]}",
            ("error", 2, 85, "/uischema/elements/0/options/dependsOn"),
            '"a" depends on itself',
        ),
        (
            "schema: {properties: {abc: {}}}\nuischema: {elements: [{type: Control, scope: '#/properties/abc',"
            " rule: {effect: SHOW, condition: {scope: '#/properties/abd', schema: {}}}}]}",
            ("warning", 2, 106, "/uischema/elements/0/rule/condition/scope"),
            'did you mean "abc"?',
        ),
        (
            "schema: {properties: {a: {}}}\n"
            "uischema: {elements: [{type: Control, scope: '#/properties/a', rule: {effect: GLOW, condition: {}}}]}",
            ("warning", 2, 70, "/uischema/elements/0/rule"),
            "a rule needs an effect",
        ),
        (
            "schema: {properties: {a: {type: string}}}\n"
            "uischema: {elements: [{type: MultiSelectControl, scope: '#/properties/a'}]}",
            ("warning", 2, 57, "/uischema/elements/0/scope"),
            "a MultiSelectControl needs a property of type array",
        ),
    ],
)
def test_one_problem_at_its_place(configs: str, place: tuple[str, int, int, str], says: str) -> None:
    (problem,) = problems(configs)
    assert problem[:4] == place
    assert says in problem[4]


def test_only_errors_make_a_manifest_unusable() -> None:
    text = HEAD + "  schema: {properties: {a: {minmum: 3}}}\n"
    assert read_manifest(text.encode()).manifest is not None
    text = HEAD + "  schema: {properties: {a: {$ref: '#/definitions/x'}}}\n"
    assert read_manifest(text.encode()).manifest is None


@pytest.mark.parametrize(
    "configs",
    [
        "{}",
        "schema: {}",
        "schema: {name: node_schema, type: object, properties: {a: {type: string}}}",
        "uischema: {type: VerticalLayout, elements: []}",
        "schema: {properties: {a: {min: 1, x-own: 3, $comment: x}}}\nuischema: {elements: []}",
        "schema: {properties: {a: {$ref: '#/metadata/x'}}}",
        # The placeholder of a dynamic config may have a default that only later is a choice.
        "schema: {definitions: {q: {enum: [placeholder]}}, properties: {a: {$ref: '#/definitions/q', default: all}}}",
    ],
)
def test_nothing_to_say(configs: str) -> None:
    assert problems(configs) == []


def test_what_could_not_be_read_is_reported_once() -> None:
    (problem,) = problems("schema: {properties: {a: *x}}")
    assert "aliases" in problem[4]
    (problem,) = problems("schema: {properties: {a: {type: *x}}}\nuischema: {elements: []}")
    assert "aliases" in problem[4]


def test_texts_from_the_file_are_shortened_and_harmless() -> None:
    (problem,) = problems(f'schema: {{properties: {{a: {{"\\e[31m{"x" * 500}": 1}}}}}}')
    assert "\x1b" not in problem[4]
    assert len(problem[4]) < 200


def test_a_hundred_problems_are_enough() -> None:
    controls = ", ".join(f"{{type: Control, scope: '#/properties/p{number}'}}" for number in range(3000))
    assert len(problems(f"schema: {{properties: {{a: {{}}}}}}\nuischema: {{elements: [{controls}]}}")) == MAX_PROBLEMS
