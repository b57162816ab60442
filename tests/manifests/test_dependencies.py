"""Manifests before and after, one pair for each form of a list."""

from __future__ import annotations

import pytest

from migrator.manifests.dependencies import Wanted, ported

WANTED = Wanted(("fastapi", "uvicorn"), ("httpx2",), frozenset({"flask", "flask-cors"}))
PAIRS = [
    ("requirements.txt", "flask", "fastapi\nuvicorn\nhttpx2"),
    ("requirements.txt", "Flask==2.3.2  # web\nFlask_Cors==4\n", "fastapi==0.165.0  # web\nuvicorn==0.54.0\nhttpx2==2.16.2\n"),
    ("requirements.txt", "pytest\r\nflask[async]>=2,<3\r\n", "pytest\r\nfastapi>=0.165.0,<1\r\nuvicorn>=0.54.0,<1\r\nhttpx2>=2.16.2,<3\r\n"),
    ("requirements.txt", "\ufeffflask\n-r more.txt\n", "\ufefffastapi\nuvicorn\nhttpx2\n-r more.txt\n"),
    ("requirements.txt", "Werkzeug==2.0 # pinned\nflask~=3.0\n", "Werkzeug==3.1.9 # pinned\nfastapi~=0.165\nuvicorn~=0.54\nhttpx2~=2.16\n"),
    ("requirements.txt", 'flask; sys_platform == "linux"\n', 'fastapi; sys_platform == "linux"\nuvicorn; sys_platform == "linux"\nhttpx2; sys_platform == "linux"\n'),
    ("requirements.txt", "django\n", "django\n"),
    ("requirements.txt", "fastapi\nflask\nuvicorn\nhttpx2\n", "fastapi\nuvicorn\nhttpx2\n"),
    (
        "pyproject.toml",
        '[project]\ndependencies = ["flask>=2", "flask-cors"]\n[project.optional-dependencies]\ntest = ["pytest"]\n',
        '[project]\ndependencies = ["fastapi>=0.165.0", "uvicorn>=0.54.0"]\n[project.optional-dependencies]\ntest = ["pytest", "httpx2"]\n',
    ),
    (
        "pyproject.toml",
        '[project]\ndependencies = [\n  "click", # a [b]\n  "flask"\n]\n[dependency-groups]\ndev = [{include-group = "x"}, "pytest"]\n',
        '[project]\ndependencies = [\n  "click", # a [b]\n  "fastapi",\n  "uvicorn"\n]\n[dependency-groups]\ndev = [{include-group = "x"}, "pytest", "httpx2"]\n',
    ),
    (
        "pyproject.toml",
        "[tool.poetry.dependencies]\npython = '^3.11'\nflask = {version = '^3.0', extras = ['async']} # web\n\n[tool.poetry.group.test.dependencies]\npytest = '*'\n",
        "[tool.poetry.dependencies]\npython = '^3.11'\nfastapi = '^0.165' # web\nuvicorn = '^0.54'\n\n[tool.poetry.group.test.dependencies]\npytest = '*'\nhttpx2 = '*'\n",
    ),
    (
        "setup.cfg",
        "[options]\ninstall_requires =\n    flask\n    flask-cors\npackages = find:\n",
        "[options]\ninstall_requires =\n    fastapi\n    uvicorn\n    httpx2\npackages = find:\n",
    ),
    (
        "setup.py",
        "from setuptools import setup\nNEEDS = [\n    'Flask>=1',  # é\n]\nsetup(install_requires=NEEDS, extras_require={'test': ['pytest']})\n",
        "from setuptools import setup\nNEEDS = [\n    'fastapi>=0.165.0',  # é\n    'uvicorn>=0.54.0',\n]\nsetup(install_requires=NEEDS, extras_require={'test': ['pytest', 'httpx2']})\n",
    ),
    (
        "setup.py",
        "import setuptools\nsetuptools.setup(name='é', install_requires=['click', 'Flask-Cors', 'Flask'])\n",
        "import setuptools\nsetuptools.setup(name='é', install_requires=['click', 'fastapi', 'uvicorn', 'httpx2'])\n",
    ),
    ("setup.py", "setup(install_requires=read('requirements.txt'))\n", "setup(install_requires=read('requirements.txt'))\n"),
    ("Pipfile", '[packages]\nflask = "*"\n\n[dev-packages]\npytest = "*"\n', '[packages]\nfastapi = "*"\nuvicorn = "*"\n\n[dev-packages]\npytest = "*"\nhttpx2 = "*"\n'),
    (
        "environment.yml",
        "dependencies:\n  - flask=2.0 # web\n  - pip:\n    - flask-cors==2\n    - six\n",
        "dependencies:\n  - fastapi=0.165.0 # web\n  - uvicorn=0.54.0\n  - httpx2=2.16.2\n  - pip:\n    - six\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), PAIRS)
def test_pair(path: str, before: str, after: str) -> None:
    assert ported(path, before, WANTED)[0] == after


@pytest.mark.parametrize(("path", "before", "after"), PAIRS)
def test_second_time(path: str, before: str, after: str) -> None:
    assert ported(path, after, WANTED)[0] == after


def test_what_an_included_file_declares_is_not_repeated() -> None:
    assert (
        ported("dev.txt", "-r base.txt\npytest\nflask-cors\n", WANTED, ["flask"])[0] == "-r base.txt\npytest\nhttpx2\n"
    )


def test_flask_decides_on_its_own_where_it_stays() -> None:
    pins = "Flask==1.1.4\nWerkzeug==1.0.1\nclick==7.1.2\nanyio==3.0\n"
    mounted = Wanted(("fastapi",), kept=frozenset({"flask", "werkzeug", "click"}))
    assert ported("requirements.txt", pins, mounted)[0] == (
        "Flask==1.1.4\nfastapi==0.165.0\nWerkzeug==1.0.1\nclick==7.1.2\nanyio==4.16.0\n"
    )
    shared = Wanted(("fastapi",), kept=frozenset({"click"}))
    assert ported("requirements.txt", pins, shared)[0] == (
        "Flask==3.1.3\nfastapi==0.165.0\nWerkzeug==3.1.9\nclick==7.1.2\nanyio==4.16.0\n"
    )


def test_constraints_get_nothing_new() -> None:
    assert ported("constraints.txt", "flask==3.0\nclick==7.0\n", WANTED, adds=False)[0] == "click==8.5.1\n"
