"""Carries a request to an action: the only place in the web that holds the vault and the signed-in actor."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from flask import current_app
from flask_login import current_user

from safetyplan.actors import Actor
from safetyplan.errors import Refused
from safetyplan.vault import House, Vault

P = ParamSpec("P")
T = TypeVar("T")


def vault() -> Vault:
    """The vault of this request, with the signed-in session's keys, or with none."""
    house: House = current_app.extensions["safetyplan.house"]
    return Vault(house, current_user.keyring if current_user.is_authenticated else None)


def actor() -> Actor:
    if not current_user.is_authenticated:
        raise Refused("nobody is signed in")
    who: Actor = current_user.actor
    return who


def perform(action: Callable[Concatenate[Vault, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an action as the signed-in actor."""
    return action(vault(), actor(), *args, **kwargs)


def perform_unsigned(action: Callable[Concatenate[Vault, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an action of the ``people`` room, where there is no actor yet."""
    return action(vault(), *args, **kwargs)
