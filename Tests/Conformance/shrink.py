"""Makes a failing program smaller for as long as it fails in the same way."""

from dataclasses import replace

from language import Node, stated


def size(program):
    return sum(len(stated(statement)) for statement in program)


def smaller_trees(tree):
    """The tree with one of its parts replaced by something simpler."""
    if tree.kind in ("number", "name"):
        if tree.text != "2":
            yield Node("number", "2")
        return
    if tree.kind not in ("derivative", "keyword"):
        yield from (part.parts[0] if part.kind == "keyword" else part for part in tree.parts)
        yield Node("number", "2")
    if tree.kind == "derivative":
        return
    if tree.kind == "call" and tree.parts and tree.parts[-1].kind == "keyword":
        yield replace(tree, parts=tree.parts[:-1])
    for index, part in enumerate(tree.parts):
        for simpler in smaller_trees(part):
            yield replace(tree, parts=tree.parts[:index] + (simpler,) + tree.parts[index + 1:])


def smaller_programs(program):
    for index, statement in enumerate(program):
        before, after = program[:index], program[index + 1:]
        yield before + after
        if statement.end != "\n":
            yield before + [replace(statement, end="\n")] + after
        if statement.seed:
            yield before + [replace(statement, seed=None)] + after
        for name in statement.wrt or ():
            rest = tuple(n for n in statement.wrt if n != name) or None
            yield before + [replace(statement, wrt=rest)] + after
        for tree in smaller_trees(statement.tree) if statement.tree else ():
            yield before + [replace(statement, tree=tree)] + after


def shrunk(program, fails, tries=3000):
    """The smallest program found; `fails` says whether one fails as the first did."""
    while True:
        for candidate in smaller_programs(program):
            tries -= 1
            if tries < 0:
                return program
            if size(candidate) < size(program) and fails(candidate):
                program = candidate
                break
        else:
            return program
