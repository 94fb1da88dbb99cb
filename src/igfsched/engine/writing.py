"""Variables and constraints of CP-SAT, written in bulk into its own format.

- `Writer`: a model that is being written.
- `Linear`: a sum of variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ortools.sat.python import cp_model

LOWEST, HIGHEST = -(2**63), 2**63 - 1

Linear = tuple[list[int], list[int]]
"""A sum of variables: their indices and coefficients."""


class Writer:
    """A CP-SAT model that is being written. Variables are numbered from 0; the negation of `v` is `-1 - v`.

    `rows`: the linear ones that always hold, each with its limits; `domains`: those of the variables that are no
    Booleans.
    """

    def __init__(self) -> None:
        self.cp: Any = cp_model.CpModel()
        self._proto: Any = self.cp.proto
        self.n_variables = 0
        self.rows: list[tuple[Linear, int, int]] = []
        self.domains: dict[int, tuple[int, int]] = {}

    def booleans(self, number: int) -> range:
        """Add Booleans and return their indices."""
        add = self._proto.variables.add
        for _ in range(number):
            add().domain.extend((0, 1))
        self.n_variables += number
        return range(self.n_variables - number, self.n_variables)

    def integer(self, low: int, high: int) -> int:
        """Add an integer variable and return its index."""
        self._proto.variables.add().domain.extend((low, high))
        self.domains[self.n_variables] = (low, high)
        self.n_variables += 1
        return self.n_variables - 1

    def linear(self, terms: Linear, low: int = LOWEST, high: int = HIGHEST) -> None:
        """Add low <= sum of terms <= high."""
        if not terms[0]:
            if low > 0 or high < 0:
                self.contradict()
            return
        self.rows.append((terms, low, high))
        linear = self._proto.constraints.add().linear
        linear.vars.extend(terms[0])
        linear.coeffs.extend(terms[1])
        linear.domain.extend((low, high))

    def linear_if(self, literal: int, terms: Linear, low: int = LOWEST, high: int = HIGHEST) -> None:
        """Add low <= sum of terms <= high where a literal is true."""
        constraint = self._proto.constraints.add()
        constraint.enforcement_literal.append(literal)
        constraint.linear.vars.extend(terms[0])
        constraint.linear.coeffs.extend(terms[1])
        constraint.linear.domain.extend((low, high))

    def exactly_one(self, literals: Sequence[int]) -> None:
        self._proto.constraints.add().exactly_one.literals.extend(literals)

    def any_of(self, literals: Sequence[int]) -> None:
        self._proto.constraints.add().bool_or.literals.extend(literals)

    def at_most_one(self, literals: Sequence[int]) -> None:
        if len(literals) > 1:
            self._proto.constraints.add().at_most_one.literals.extend(literals)

    def contradict(self) -> None:
        """Make the model infeasible."""
        self.any_of(())
