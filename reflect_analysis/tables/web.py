"""Tables as HTML: a caption, a scope for every heading, every text escaped by Jinja2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from reflect_analysis.tables.values import Table, joint_mark

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "fragment", "to_html"]


@cache
def environment() -> Environment:
    """Jinja2 over the package's templates; a name that a template lacks is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("reflect_analysis", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fragment(table: Table) -> str:
    """One table as an HTML fragment, for a page or a notebook cell."""
    return environment().get_template("table.html.j2").render(table=table)


def to_html(tables: Sequence[Table]) -> bytes:
    """Tables as a page of their own."""
    page = environment().get_template("tables.html.j2")
    fragments = [fragment(table) for table in tables]
    return page.render(tables=tables, fragments=fragments, mark=joint_mark(tables)).encode()
