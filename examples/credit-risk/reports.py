"""What a trained model says about itself: predictions, evaluation, reasons for denials, its card.

Each result has the shape of its schema in evidence-schemas/; `hallgate evidence wrap` makes
evidence of it.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from train import NUMBERS, PLAN, TARGET, Model, Table

from hallgate.measure.intervals import Rate, outward, wilson

REASONS = 3  # main reasons told to an applicant; Reg B's commentary takes more than four for noise

# What a feature is called when it speaks against somebody: number columns by direction.
_TOO = {
    "age": ("Age is low", "Age is high"),
    "credit_amount": ("Amount asked for is low", "Amount asked for is high"),
    "duration": ("Term of the credit is short", "Term of the credit is long"),
}
_LABEL = {
    "checking_account": "Balance of the checking account",
    "housing": "Housing",
    "job": "Qualification for the job (0 lowest, 3 highest)",
    "purpose": "Purpose of the credit",
    "saving_accounts": "Savings",
    "sex": "Sex",
}

# Why the model reads a feature, as its card says.
_WHY = {
    "age": "In the data of the lender since 1994; nobody asked why.",
    "checking_account": "Money at hand bears on repayment.",
    "credit_amount": "A larger debt is harder to repay.",
    "duration": "Over a longer term more can go wrong.",
    "housing": "Rent or instalments come before the credit.",
    "job": "Qualification bears on steady income.",
    "purpose": "What is bought may serve as security.",
    "saving_accounts": "Savings bear on repayment.",
    "sex": "In the data of the lender since 1994; nobody asked why.",
}


@dataclass(frozen=True)
class Outcome:
    """One trained model with its own scores of the training rows."""

    table: Table
    model: Model
    digest: str
    data_digest: str

    @cached_property
    def scores(self) -> np.ndarray:
        return self.model.unseen(self.table)

    @property
    def granted(self) -> np.ndarray:
        return self.scores >= PLAN.threshold

    def write_predictions(self, path: Path) -> str:
        """A row per person: features, truth, score and decision; returns the file's digest."""
        with path.open("w", newline="", encoding="utf-8") as file:
            names = [*self.table.rows[0], "fold", "score", "granted"]
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            for row, fold, score in zip(
                self.table.rows, self.table.folds, self.scores, strict=True
            ):
                granted = int(score >= PLAN.threshold)
                writer.writerow(row | {"fold": fold, "score": f"{score:.6f}", "granted": granted})
        return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()

    def profile(self, predictions_digest: str) -> dict[str, Any]:
        """A data_profile, counted on the file; only the target shares are made up.

        The file names no person, so a person is a row that no other row equals. Overlap is counted
        within each fold: rows it tested that stand in the other folds too.
        """
        rows, folds = self.table.rows, self.table.folds
        persons = [tuple(row.values()) for row in rows]
        at = [(person, int(fold)) for person, fold in zip(persons, folds, strict=True)]
        within = Counter({(person, fold) for person, fold in at})
        everywhere = Counter(person for person, _ in within)
        young = sum(float(row["age"]) < 26 for row in rows)
        women = sum(row["sex"] == "female" for row in rows)
        groups = {
            "sex": ("male", "female", women, 3200),
            "age": ("26 and over", "<26", young, 2000),
        }
        return {
            "dataset_digest": self.data_digest,
            "rows": len(rows),
            "columns_total": len(rows[0]),
            "columns": [
                {"name": name, "nulls": sum(row[name].strip() == "" for row in rows)}
                for name in rows[0]
            ],
            "broken_rows": sum(
                not all(row[name].isdecimal() for name in (*NUMBERS, TARGET)) for row in rows
            ),
            "duplicate_rows": len(persons) - len(set(persons)),
            "overlap": {
                "identified_by": "all columns, for the file names no person",
                "test_digest": predictions_digest,
                "training": len(set(persons)),
                "test": len(set(persons)),
                "shared": sum(count > 1 for count in everywhere.values()),
            },
            "representation": [
                {
                    "name": name,
                    "source": "made up: who applies at the made-up lender",
                    "groups": [
                        {"name": others, "rows": len(rows) - few, "target_bp": 10_000 - target},
                        {"name": group, "rows": few, "target_bp": target},
                    ],
                }
                for name, (others, group, few, target) in groups.items()
            ],
        }

    def evaluation(self, predictions_digest: str) -> dict[str, Any]:
        """An evaluation_report: area under the curve, and accuracy with its Wilson interval."""
        right = int((self.granted == (self.table.target == 1)).sum())
        accuracy = outward(wilson(Rate(right, len(self.table.rows))), 10_000)
        assert accuracy is not None
        return {
            "model_digest": self.digest,
            "dataset_digest": predictions_digest,
            "rows": len(self.table.rows),
            "scheme": f"{PLAN.folds} folds; {PLAN.scoring}",
            "metrics": [
                {"name": "auc", "value_bp": self.auc_bp, "lower_bp": None, "upper_bp": None},
                {
                    "name": "accuracy",
                    "value_bp": accuracy["estimate_bp"],
                    "lower_bp": accuracy["lower_bp"],
                    "upper_bp": accuracy["upper_bp"],
                },
            ],
        }

    @property
    def auc_bp(self) -> int:
        """Area under the ROC curve in basis points: pairs in the right order, ties by half."""
        good, bad = self.scores[self.table.target == 1], self.scores[self.table.target == 0]
        ahead = (good[:, None] > bad).sum() + 0.5 * (good[:, None] == bad).sum()
        return round(float(ahead) / (len(good) * len(bad)) * 10_000)

    def reasons(self) -> dict[str, Any]:
        """A reason_audit: for every denial the features that lowered its score most."""
        denied = np.flatnonzero(~self.granted)
        told: Counter[str] = Counter()
        lacking = 0
        for at in denied:
            against = self._against(int(at))
            lacking += not against
            told.update(against)
        return {
            "model_digest": self.digest,
            "decisions": len(self.table.rows),
            "denials": len(denied),
            "lacking": lacking,
            "reasons": [{"text": text, "count": count} for text, count in told.most_common()],
        }

    def explanations(self) -> dict[str, Any]:
        """An explanation_test: does a score rise when its main reason is set to the average?"""
        moved = 0
        for at in range(len(self.table.rows)):
            effects = self._effects(at)
            worst = min(effects, key=lambda feature: effects[feature])
            score = float(self.scores[at])
            odds = np.log(score / (1 - score)) - effects[worst]
            moved += bool(1 / (1 + np.exp(-odds)) > score)
        return {
            "model_digest": self.digest,
            "method": "the feature that lowers the score most; that one alone set to its average",
            "rows": len(self.table.rows),
            "moved": moved,
        }

    def denied_by(self, *features: str) -> int:
        """Denials that name one of these features among their main reasons."""
        texts = {text for one in features for text in (*_TOO.get(one, ()), _LABEL.get(one, ""))}
        return sum(
            any(text in texts or text.partition(":")[0] in texts for text in self._against(int(at)))
            for at in np.flatnonzero(~self.granted)
        )

    def _effects(self, at: int) -> dict[str, float]:
        effects: dict[str, float] = {}
        columns = self.model.encoding.columns
        for column, effect in zip(columns, self._contributions[at], strict=True):
            feature = column.partition("=")[0]
            effects[feature] = effects.get(feature, 0.0) + float(effect)
        return effects

    def _against(self, at: int) -> list[str]:
        effects = self._effects(at)
        worst = sorted((effect, feature) for feature, effect in effects.items() if effect < 0)
        return [self._words(feature, at) for _, feature in worst[:REASONS]]

    @cached_property
    def _contributions(self) -> np.ndarray:
        return self.model.contributions(self.table)

    def _words(self, feature: str, at: int) -> str:
        value = self.table.rows[at][feature]
        if feature not in _TOO:
            return f"{_LABEL[feature]}: {value.replace('_', ' ')}"
        mean = self.model.means[self.model.encoding.columns.index(feature)]
        return _TOO[feature][int(float(value) > mean)]

    def card(self) -> dict[str, Any]:
        """A model_card in its own words, with this model's numbers."""
        rows, columns = len(self.table.rows), self.model.encoding.columns
        features = sorted({column.partition("=")[0] for column in columns})
        good = int((self.table.target == 1).sum())
        return {
            "model_digest": self.digest,
            "purpose": "Estimates how likely an applicant is to repay a consumer credit.",
            "users": "Credit officers, who decide on every denial themselves.",
            "exclusions": "Not for business credit, mortgages or prices; never without an officer.",
            "limitations": (
                f"Teaching material: {rows} credits of one German bank of the 1970s. Only 190 "
                "people are under 26. The data's column sex was derived from a code that mixes "
                "sex and marital status, so measures by sex are rough."
            ),
            "training_data": (
                f"Statlog German credit, {rows} rows ({good} repaid), file {self.data_digest}; "
                f"features: {', '.join(features)}."
            ),
            "evaluation": (
                f"Area under the curve {self.auc_bp / 10_000:.3f}, each row scored by the one of "
                f"{PLAN.folds} fold models that never saw it; grants {int(self.granted.sum())} of "
                f"{rows} at a threshold of {PLAN.threshold}."
            ),
            "features": [_feature(one) for one in features],
            "metrics": [{"name": "auc", "value_bp": self.auc_bp}],
        }


def _feature(name: str) -> dict[str, Any]:
    """A feature of the card; age and sex are called what they are."""
    return {
        "name": name,
        "dataset": "german-credit",
        "protected": name if name in ("age", "sex") else None,
        "proxy_for": None,
        "purposes": ["credit_scoring"],
        "why": _WHY[name],
    }


def check_target(table: Table) -> None:
    """Stop where the data are not what this example was written for."""
    if set(table.target) != {0, 1}:
        raise SystemExit(f"column {TARGET} of the data does not hold 0 and 1 alone")
