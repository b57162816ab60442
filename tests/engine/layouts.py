"""Small projects in the ways in which people lay out Flask apps: `NAME: (app, files)`."""

from __future__ import annotations

VIEW = "def view():\n    return 'x'\n"

LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "one file": (
        "app:app",
        {"app.py": "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index(): return 'x'\n"},
    ),
    "aliased import": (
        "app:web",
        {"app.py": "import flask as fl\nweb = fl.Flask(__name__)\n@web.get('/')\ndef index(): return 'x'\n"},
    ),
    "several rules, methods and endpoints": (
        "app:app",
        {
            "app.py": """from flask import Flask
app = Flask(__name__)
@app.route('/a')
@app.route('/b', methods=['POST', 'GET'])
def one(): return 'x'
@app.route('/c', endpoint='other', methods=('put',))
@app.delete('/c/<int:x>')
def two(x=0): return 'x'
@app.route(rule='/d', methods={'PATCH'})
def three(): return 'x'
app.add_url_rule('/e', 'four', three)
app.add_url_rule('/f', view_func=three, methods=['POST'])
app.add_url_rule('/g', endpoint='five', view_func=lambda: 'x')
"""
        },
    ),
    "blueprint with prefixes": (
        "app:app",
        {
            "app.py": """from flask import Flask
from shop import bp, second, third
app = Flask(__name__)
app.register_blueprint(bp)
app.register_blueprint(second, url_prefix='/given')
app.register_blueprint(third, url_prefix='', name='renamed')
""",
            "shop.py": """from flask import Blueprint
bp = Blueprint('one', __name__, url_prefix='/own')
second = Blueprint('two', __name__, url_prefix='/not-this')
third = Blueprint('three', __name__, url_prefix='/nor-this')
@bp.route('')
def empty(): return 'x'
@bp.route('/')
def slash(): return 'x'
@second.route('/x/')
def x(): return 'x'
@third.route('/y')
def y(): return 'x'
""",
        },
    ),
    "one blueprint twice": (
        "app:app",
        {
            "app.py": """from flask import Flask, Blueprint
bp = Blueprint('bp', __name__)
@bp.route('/x')
def x(): return 'x'
app = Flask(__name__)
app.register_blueprint(bp, url_prefix='/one')
app.register_blueprint(bp, url_prefix='/two', name='again')
"""
        },
    ),
    "nested blueprints": (
        "app:create_app()",
        {
            "app.py": """from flask import Flask, Blueprint
outer = Blueprint('outer', __name__, url_prefix='/outer')
inner = Blueprint('inner', __name__, url_prefix='/inner')
leaf = Blueprint('leaf', __name__)
@outer.get('/x')
def x(): return 'x'
@inner.get('/y')
def y(): return 'x'
@leaf.get('/z')
def z(): return 'x'
inner.register_blueprint(leaf, url_prefix='/leaf')
outer.register_blueprint(inner)
def create_app():
    app = Flask(__name__)
    app.register_blueprint(outer, url_prefix='/api')
    return app
"""
        },
    ),
    "package that re-exports": (
        "site_:create_app()",
        {
            "site_/__init__.py": """from flask import Flask
def create_app(config=None):
    app = Flask(__name__)
    from .views import blueprint
    app.register_blueprint(blueprint)
    from . import api
    app.register_blueprint(api.bp, url_prefix='/api')
    return app
""",
            "site_/views/__init__.py": "from .pages import bp as blueprint\n__all__ = ['blueprint']\n",
            "site_/views/pages.py": """from flask import Blueprint
bp = Blueprint('pages', __name__)
from . import more  # registers its views
@bp.route('/page')
def page(): return 'x'
""",
            "site_/views/more.py": "from .pages import bp\n@bp.route('/more')\ndef more(): return 'x'\n",
            "site_/api.py": """from flask import Blueprint
from .views.pages import page
bp = Blueprint('api', __name__)
bp.add_url_rule('/p', 'p', page)
""",
        },
    ),
    "routes on an imported app": (
        "run:app",
        {
            "core/__init__.py": "from flask import Flask\napp = Flask(__name__)\nfrom core import views\n",
            "core/views.py": "from core import app\n@app.route('/v')\ndef v(): return 'x'\n",
            "run.py": "from core import app\n",
        },
    ),
    "app handed to functions": (
        "app:create()",
        {
            "app.py": """from flask import Flask
import routes
from routes import more
def make():
    return Flask(__name__)
def create():
    the_app = make()
    routes.register(the_app)
    more(app=the_app)
    return the_app
""",
            "routes.py": """def register(app):
    @app.route('/r')
    def r(): return 'x'
    deeper(app)
def deeper(application):
    application.add_url_rule('/d', 'd', view)
def view(): return 'x'
def more(*, app):
    app.add_url_rule('/m', view_func=view)
""",
        },
    ),
    "app in a class": (
        "app:app",
        {
            "app.py": """from flask import Flask
class Server:
    def __init__(self, name):
        self.app = Flask(name)
        self.routes()
    def routes(self):
        self.app.add_url_rule('/s', 's', self.show)
    def show(self): return 'x'
app = Server(__name__).app
"""
        },
    ),
    "star import": (
        "app:app",
        {
            "base.py": "from flask import *\nfrom flask import Flask\napp = Flask(__name__)\n",
            "app.py": "from base import *\n@app.route('/s')\ndef s(): return 'x'\n",
        },
    ),
    "view classes": (
        "app:app",
        {
            "app.py": """from flask import Flask
from flask.views import MethodView, View
app = Flask(__name__)
class Items(MethodView):
    def get(self, item_id=None): return 'x'
    def post(self): return 'x'
class Base(MethodView):
    def put(self): return 'x'
class Derived(Base):
    def delete(self): return 'x'
class Plain(View):
    methods = ['GET', 'POST']
    def dispatch_request(self): return 'x'
view = Items.as_view('items')
app.add_url_rule('/items', view_func=view)
app.add_url_rule('/items/<int:item_id>', view_func=view, methods=['GET'])
app.add_url_rule('/derived', view_func=Derived.as_view('derived'))
app.add_url_rule('/plain', view_func=Plain.as_view('plain'))
"""
        },
    ),
    "src layout": (
        "shop:app",
        {
            "src/shop/__init__.py": "from flask import Flask\napp = Flask(__name__)\nfrom shop import views\n",
            "src/shop/views.py": "from shop import app\n@app.get('/v')\ndef v(): return 'x'\n",
        },
    ),
    "namespace package": (
        "parts.web.main:app",
        {
            "parts/web/main.py": "from flask import Flask\nfrom parts.web.views import bp\napp = Flask(__name__)\napp.register_blueprint(bp)\n",
            "parts/web/views.py": "from flask import Blueprint\nbp = Blueprint('v', __name__)\n@bp.get('/v')\ndef v(): return 'x'\n",
        },
    ),
    "conditional and guarded imports": (
        "app:app",
        {
            "app.py": """try:
    from flask import Flask, Blueprint
except ImportError:
    raise
if True:
    from part import bp
else:
    bp = None
app = Flask(__name__)
app.register_blueprint(bp)
""",
            "part.py": "from flask import Blueprint\nbp = Blueprint('p', __name__)\n@bp.get('/p')\ndef p(): return 'x'\n",
        },
    ),
    "blueprints in a list": (
        "app:app",
        {
            "app.py": """from flask import Flask, Blueprint
one, two = Blueprint('one', __name__), Blueprint('two', __name__)
@one.get('/1')
def a(): return 'x'
@two.get('/2')
def b(): return 'x'
app = Flask(__name__)
for bp in (one, two):
    app.register_blueprint(bp)
"""
        },
    ),
    "blueprint made by a function": (
        "app:app",
        {
            "app.py": """from flask import Flask
from pages import make_blueprint
app = Flask(__name__)
app.register_blueprint(make_blueprint(), url_prefix='/m')
""",
            "pages.py": """from flask import Blueprint
def make_blueprint():
    bp = Blueprint('made', __name__)
    @bp.get('/x')
    def x(): return 'x'
    return bp
""",
        },
    ),
    "constants in rules": (
        "app:app",
        {
            "app.py": """from flask import Flask
PREFIX = '/v1'
app = Flask(__name__)
@app.get('/a' '/b')
def joined(): return 'x'
@app.get(PREFIX + '/c')
def added(): return 'x'
@app.get(f'{PREFIX}/d')
def formatted(): return 'x'
"""
        },
    ),
    "view of the same name in two scopes": (
        "app:create()",
        {
            "app.py": """from flask import Flask
def create():
    app = Flask(__name__)
    @app.get('/a')
    def index(): return 'x'
    return app
def index(): return 'not a view'
"""
        },
    ),
    "shadowed names are no apps": (
        "app:app",
        {
            "app.py": """from flask import Flask
app = Flask(__name__)
class Fake:
    def route(self, rule): return lambda f: f
    get = route
def other(app):
    @app.route('/not-one')
    def no(): return 'x'
other(Fake())
@app.get('/one')
def one(): return 'x'
"""
        },
    ),
}
