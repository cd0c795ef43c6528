"""Functions in containers."""


def one():
    pass


def two():
    pass


def three():
    pass


class Shape:
    def draw(self):
        pass


table = {"one": one, "two": two}
table["one"]()
table["three"] = three
table["three"]()


def dispatch(name):
    table[name]()


dispatch(input())
key = "two"
table.get(key)()

stack = []
stack.append(one)
stack.pop()()
pairs = [("a", two), ("b", three)]
for name, function in pairs:
    function()
[shape.draw() for shape in [Shape()]]
nested = {"inner": [three]}
nested["inner"][0]()
for function in table.values():
    function()
both = [one] + [two]
merged = {}
merged.update({"x": three})
merged["x"]()
middle = [one, two, three][1:]
middle[0]()

# top -> one, two, three, dispatch, Shape.draw, builtins.input, builtins.dict.get, builtins.list.append, builtins.list.pop, builtins.dict.values, builtins.dict.update
# dispatch -> one, two, three
