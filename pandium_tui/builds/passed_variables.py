"""Which variables of this machine reach builds and runs, whose environment is otherwise built from nothing."""

from collections.abc import Mapping

# Certificate authorities and proxies: without them nothing reaches the network where a company has its own.
PASSED_VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "npm_config_cafile",
    "GIT_SSL_CAINFO",
    "AWS_CA_BUNDLE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
)
# Where packages come from: of use to builds only.
BUILD_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "npm_config_registry",
    "NPM_CONFIG_REGISTRY",
    "GOPROXY",
)


def passed_to_builds(host: Mapping[str, str]) -> dict[str, str]:
    """The certificate, proxy and package index settings of this machine."""
    return {name: host[name] for name in PASSED_VARIABLES + BUILD_VARIABLES if host.get(name)}


def passed_to_runs(host: Mapping[str, str]) -> dict[str, str]:
    """The certificate and proxy settings of this machine."""
    return {name: host[name] for name in PASSED_VARIABLES if host.get(name)}
