"""What the language calls by itself."""
from contextlib import contextmanager


def one():
    pass


class Numbers:
    def __iter__(self):
        return self

    def __next__(self):
        return one

    def __len__(self):
        return 0

    def __getitem__(self, index):
        return one

    def __add__(self, other):
        return self

    def __lt__(self, other):
        return True

    def __contains__(self, item):
        return True


class Manager:
    def __enter__(self):
        return Numbers()

    def __exit__(self, *args):
        pass


class Failure(Exception):
    def __init__(self):
        pass


@contextmanager
def managed():
    yield one


def generates():
    yield one
    yield from also_generates()


def also_generates():
    yield two


def two():
    pass


with Manager() as numbers:
    len(numbers)
    (numbers + numbers)[0]()
    numbers < numbers
    one in numbers
for number in numbers:
    number()
next(numbers)()
with managed() as function:
    function()
for function in generates():
    function()


def fails():
    raise Failure


def fails_too():
    raise Failure()


list(map(one, sorted([], key=lambda item: two())))

# top -> Manager.__enter__, Manager.__exit__, Numbers.__len__, Numbers.__add__, Numbers.__getitem__, Numbers.__lt__
# top -> Numbers.__contains__, Numbers.__iter__, Numbers.__next__, managed, one, two, generates, <lambda1>
# top -> contextlib.contextmanager, builtins.len, builtins.next, builtins.list, builtins.map, builtins.sorted
# <lambda1> -> two
# generates -> also_generates
# fails -> Failure.__init__
# fails_too -> Failure.__init__
