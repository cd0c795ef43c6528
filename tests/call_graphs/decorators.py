"""What decorators make of functions."""
import functools


def plain(function):
    return function


def replaces(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def with_options(option):
    def decorate(function):
        def inner():
            function()

        return inner

    return decorate


class Counted:
    def __init__(self, function):
        self.function = function

    def __call__(self):
        self.function()


@plain
def kept():
    pass


@replaces
def replaced(a):
    pass


@with_options(1)
def optional():
    pass


@Counted
def counted():
    pass


@functools.lru_cache
def cached():
    pass


@plain
class Decorated:
    def method(self):
        pass


kept()
replaced(1)
optional()
counted()
cached()
Decorated().method()

# top -> plain, replaces, with_options, with_options.decorate, Counted.__init__
# top -> kept, replaces.wrapper, with_options.decorate.inner, Counted.__call__, cached, functools.lru_cache
# top -> Decorated.method
# replaces -> functools.wraps
# replaces.wrapper -> replaced
# with_options.decorate.inner -> optional
# Counted.__call__ -> counted
