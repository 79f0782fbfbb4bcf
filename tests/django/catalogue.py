"""The texts that people see, and their translations.

``python -m tests.django.catalogue`` adds texts that are new to each ``.po``, drops those that are
gone, and compiles it with ``msgfmt`` of GNU gettext.
"""

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import consent_core
from consent_core.domain import explanation
from consent_core.domain.reasons import TEXTS

APP: Final = Path(consent_core.__file__).parent / "adapters" / "django"
CATALOGUES: Final = sorted(APP.glob("locale/*/LC_MESSAGES/django.po"))

_MARKS: Final = {"_", "gettext", "gettext_lazy", "Phrase"}
_ENTRY: Final = re.compile(
    r"^msgid (?P<id>(?:\".*\"\n)+)msgstr (?P<text>(?:\".*\"\n?)+)", re.MULTILINE
)
_TRANSLATE: Final = re.compile(r"{% translate \"(.*?)\" %}")
_BLOCK: Final = re.compile(r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", re.DOTALL)


@cache
def messages() -> frozenset[str]:
    """Every text that is translated: in the app's code and templates, and in the library's own."""
    found = set(TEXTS.values())
    for file in [*APP.rglob("*.py"), Path(explanation.__file__)]:
        found.update(_in_python(file))
    for file in APP.rglob("*.html"):
        text = file.read_text("utf-8")
        found.update(_TRANSLATE.findall(text))
        found.update(re.sub(r"{{ (\w+) }}", r"%(\1)s", body) for body in _BLOCK.findall(text))
    return frozenset(found - {""})


def _in_python(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name(mark), [ast.Constant(str(text)), *_]) if mark in _MARKS:
                yield text
    if file.name == "explanation.py":
        # Its sentences are in tables, or in a variable where a line is short.
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                yield from _texts(node.value)


def _texts(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.Call(ast.Name("MappingProxyType"), [table]):
            yield from _texts(table)
        case ast.Dict(values=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from _texts(part)


def read(catalogue: Path) -> dict[str, str]:
    """The translations in a ``.po``, by text; that of the empty text is the head."""
    entries = _ENTRY.finditer(catalogue.read_text("utf-8"))
    return {_joined(entry["id"]): _joined(entry["text"]) for entry in entries}


def _joined(quoted: str) -> str:
    return "".join(ast.literal_eval(line) for line in quoted.splitlines())


def _write(catalogue: Path, translations: Mapping[str, str]) -> None:
    entries = "\n".join(
        f"msgid {_quoted(text)}\nmsgstr {_quoted(translated)}\n"
        for text, translated in translations.items()
    )
    catalogue.write_text(entries, "utf-8")


def _quoted(text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    quoted = ["" if len(lines) > 1 else None, *lines]
    return "\n".join(
        '"' + each.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        for each in quoted
        if each is not None
    )


def main() -> None:
    """Bring every catalogue up to date."""
    for catalogue in CATALOGUES:
        known = read(catalogue)
        head = {"": known[""]}
        _write(catalogue, head | {text: known.get(text, "") for text in sorted(messages())})
        compiled = catalogue.with_suffix(".mo")
        subprocess.run(["msgfmt", "-o", compiled, catalogue], check=True)  # noqa: S603, S607  # our own files


if __name__ == "__main__":
    main()
