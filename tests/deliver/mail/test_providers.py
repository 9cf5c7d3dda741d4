"""Who gives out a clinic's tokens: presets, and any other provider by its addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from handouts.deliver.mail.settings import Server, server_of
from handouts.errors import ContentFault
from handouts.model.clinic import ClinicFile

OWN = {
    "client_id": "handouts",
    "device_url": "https://id.clinic.example/device",
    "token_url": "https://id.clinic.example/token",
    "scopes": ["smtp", "offline_access"],
}
MICROSOFT = {"provider": "microsoft365", "oauth": {"client_id": "0000-11", "tenant": "clinic.example"}}


def server(**email: Any) -> Server:
    told = {"from": "desk@clinic.example", "auth": "oauth", "user": "desk@clinic.example"} | email
    return server_of("cohen", ClinicFile.model_validate({"name": "Dr. Cohen", "email": told}))


def test_microsoft_365_needs_an_application_and_the_directory_it_is_in():
    found = server(**MICROSOFT)
    assert (found.host, found.port, found.security) == ("smtp.office365.com", 587, "starttls")
    assert found.oauth
    assert found.oauth.device_url == "https://login.microsoftonline.com/clinic.example/oauth2/v2.0/devicecode"
    assert found.oauth.token_url == "https://login.microsoftonline.com/clinic.example/oauth2/v2.0/token"
    assert found.oauth.authorize_url == "https://login.microsoftonline.com/clinic.example/oauth2/v2.0/authorize"
    assert found.oauth.scopes == ("https://outlook.office.com/SMTP.Send", "offline_access")


def test_google_is_logged_in_to_with_a_browser_as_it_gives_no_mail_to_a_login_with_a_code():
    found = server(provider="google", oauth={"client_id": "x.apps.googleusercontent.com"})
    assert (found.host, found.port, found.security) == ("smtp.gmail.com", 465, "tls")
    assert found.oauth
    assert found.oauth.device_url is None
    assert found.oauth.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"


def test_any_other_provider_is_told_by_its_addresses():
    found = server(host="mail.clinic.example", oauth=OWN)
    assert (found.host, found.port, found.security) == ("mail.clinic.example", 465, "tls")
    assert found.oauth
    assert (found.oauth.device_url, found.oauth.token_url) == (OWN["device_url"], OWN["token_url"])


def test_what_the_file_says_goes_over_the_preset():
    found = server(**MICROSOFT | {"host": "smtp.office365.us", "port": 2525})
    assert (found.host, found.port, found.security) == ("smtp.office365.us", 2525, "starttls")


def test_what_stood_there_for_the_server_before_is_found():
    with pytest.raises(ContentFault, match=r"Leave 'email.port' and 'email.security' empty"):
        server(**MICROSOFT | {"port": 465, "security": "tls"})


def test_a_preset_serves_a_clinic_with_a_password_too():
    found = server(provider="google", auth="password")
    assert (found.host, found.port, found.oauth) == ("smtp.gmail.com", 465, None)


@pytest.mark.parametrize(
    ("email", "word"),
    [
        ({"provider": "microsoft365", "oauth": {"client_id": "1"}}, "email.oauth.tenant"),
        ({"provider": "microsoft365", "oauth": {"tenant": "x"}}, "email.oauth.client_id"),
        ({"provider": "google"}, "email.oauth.client_id"),
        (MICROSOFT | {"user": None}, "email.user"),
        ({"host": "mail.clinic.example", "oauth": {"client_id": "1"}}, "email.oauth.token_url, or email.provider"),
        ({"host": "mail.clinic.example", "oauth": OWN | {"device_url": None}}, "email.oauth.device_url"),
        ({"host": "localhost", "security": "plain", "oauth": OWN}, "tls"),
        ({"oauth": OWN}, "email.host"),
    ],
)
def test_what_a_registration_lacks_is_named(email: dict[str, Any], word: str):
    with pytest.raises(ContentFault, match=re.escape(word)):
        server(**email)


@pytest.mark.parametrize(
    "address",
    [
        "http://id.clinic.example/token",
        "https://id.clinic.example",
        "https://user:word@id.clinic.example/token",
        "https://id.clinic.example/token#part",
    ],
)
def test_a_token_goes_to_an_address_that_is_safe(address: str):
    with pytest.raises(ValidationError):
        server(host="mail.clinic.example", oauth=OWN | {"token_url": address})


def test_a_tenant_can_not_lead_to_another_address():
    with pytest.raises(ValidationError):
        server(provider="microsoft365", oauth={"client_id": "1", "tenant": "x/../evil"})
