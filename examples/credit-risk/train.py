"""Trains a credit model: logistic regression by folds, all fold models in one safetensors file.

What is fixed before anything is measured stands in PLAN and is written down as `plan.yaml`
before the first fit. Library defaults throughout; nothing was tuned, and nothing may be to suit
the story.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

TARGET = "risk"  # 1: the credit was repaid
NUMBERS = ("credit_amount", "duration", "age")
WORDS = ("checking_account", "housing", "job", "purpose", "saving_accounts", "sex")
MODEL_FILE = "model.safetensors"


@dataclass(frozen=True)
class Plan:
    """Decided before the first fit, for both models alike."""

    algorithm: str = "logistic regression, L2, C = 1 (scikit-learn's defaults)"
    folds: int = 5
    fold_of_a_row: str = "SHA-256 of its line in the file, modulo the number of folds"
    threshold: float = 0.5
    seed: int = 0
    grant: str = "granted where the estimated probability of repayment reaches the threshold"
    scoring: str = "a training row by the fold that never saw it, a new row by the mean of all"


PLAN = Plan()


@dataclass(frozen=True)
class Table:
    """The data: one dict per row, and the fold of each row."""

    rows: list[dict[str, str]]
    folds: np.ndarray

    @cached_property
    def target(self) -> np.ndarray:
        return np.array([int(row[TARGET]) for row in self.rows])

    @classmethod
    def read(cls, path: Path) -> Table:
        lines = path.read_text(encoding="utf-8").splitlines()
        folds = [
            int.from_bytes(hashlib.sha256(line.encode()).digest()) % PLAN.folds
            for line in lines[1:]
        ]
        return cls(list(csv.DictReader(lines)), np.array(folds))


@dataclass(frozen=True)
class Encoding:
    """How a row becomes numbers: numeric columns as they are, one 0/1 column per other word.

    The most frequent word of a column has none: it is what the others are compared with.
    """

    numbers: tuple[str, ...]
    words: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, table: Table, left_out: tuple[str, ...]) -> Encoding:
        words = []
        for name in (one for one in WORDS if one not in left_out):
            seen = [row[name] for row in table.rows]
            usual = max(sorted(set(seen)), key=seen.count)
            words.append((name, tuple(sorted(set(seen) - {usual}))))
        return cls(tuple(one for one in NUMBERS if one not in left_out), tuple(words))

    @property
    def columns(self) -> list[str]:
        return [*self.numbers, *(f"{name}={word}" for name, known in self.words for word in known)]

    def matrix(self, rows: list[dict[str, str]]) -> np.ndarray:
        return np.array(
            [
                [float(row[name]) for name in self.numbers]
                + [float(row[name] == word) for name, known in self.words for word in known]
                for row in rows
            ]
        )


@dataclass(frozen=True)
class Model:
    """The fold models: one line of coefficients and one intercept per fold."""

    encoding: Encoding
    coefficients: np.ndarray
    intercepts: np.ndarray
    means: np.ndarray = field(repr=False)

    def by_fold(self, rows: list[dict[str, str]]) -> np.ndarray:
        """Probability of repayment: one line per fold, one column per row."""
        scores = self.coefficients @ self.encoding.matrix(rows).T + self.intercepts[:, None]
        return 1 / (1 + np.exp(-scores))

    def unseen(self, table: Table) -> np.ndarray:
        """Training rows, each by the fold that never saw it."""
        return self.by_fold(table.rows)[table.folds, np.arange(len(table.rows))]

    def new(self, rows: list[dict[str, str]]) -> np.ndarray:
        """New rows, by the mean of the fold models."""
        return self.by_fold(rows).mean(axis=0)

    def contributions(self, table: Table) -> np.ndarray:
        """What every column adds to or takes from a training row's score, against the mean."""
        return (self.encoding.matrix(table.rows) - self.means) * self.coefficients[table.folds]

    def save(self, path: Path) -> str:
        """Write the safetensors file; returns its digest."""
        tensors = {
            "coefficients": self.coefficients,
            "intercepts": self.intercepts,
            "means": self.means,
        }
        # safetensors writes its metadata in no fixed order: one entry keeps the digest stable.
        described = {"encoding": asdict(self.encoding), "plan": asdict(PLAN)}
        save_file(tensors, path, metadata={"model": json.dumps(described, sort_keys=True)})
        return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()

    @classmethod
    def load(cls, path: Path) -> Model:
        with safe_open(path, framework="numpy") as file:
            said = json.loads(file.metadata()["model"])["encoding"]
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        words = tuple((name, tuple(known)) for name, known in said["words"])
        encoding = Encoding(tuple(said["numbers"]), words)
        return cls(encoding, tensors["coefficients"], tensors["intercepts"], tensors["means"])


def fit(table: Table, left_out: tuple[str, ...] = ()) -> Model:
    """One model per fold, each fitted to all rows of the other folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    encoding = Encoding.of(table, left_out)
    matrix = encoding.matrix(table.rows)
    lines, intercepts = [], []
    for fold in range(PLAN.folds):
        seen = table.folds != fold
        scaler = StandardScaler().fit(matrix[seen])
        fitted = LogisticRegression(random_state=PLAN.seed, max_iter=1000)
        fitted.fit(scaler.transform(matrix[seen]), table.target[seen])
        line = fitted.coef_[0] / scaler.scale_  # the scaling goes into the weights
        lines.append(line)
        intercepts.append(fitted.intercept_[0] - line @ scaler.mean_)
    return Model(encoding, np.array(lines), np.array(intercepts), matrix.mean(axis=0))
