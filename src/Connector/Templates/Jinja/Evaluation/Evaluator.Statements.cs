namespace Connector.Templates.Jinja;

internal sealed partial class Evaluator
{
    /// <summary>How a block of statements ended.</summary>
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Renders a whole template.</summary>
    public JinjaString Render(Block template, Scope scope)
    {
        var output = new JinjaStringBuilder(Budget);
        Execute(template, scope, output);
        return output.ToJinjaString();
    }

    private Flow Execute(Block block, Scope scope, JinjaStringBuilder output)
    {
        foreach (var statement in block.Statements)
        {
            var flow = Execute(statement, scope, output);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Execute(Statement statement, Scope scope, JinjaStringBuilder output)
    {
        Budget.Step();
        Budget.Enter();
        Position = statement.Position;
        var flow = Flow.Next;
        switch (statement)
        {
            case TextStatement s:
                output.Append(s.Text);
                break;
            case OutputStatement s:
                output.Append(PythonText.Str(Evaluate(s.Value, scope), Budget));
                break;
            case IfStatement s:
                flow = ExecuteIf(s, scope, output);
                break;
            case ForStatement s:
                ExecuteFor(s, Evaluate(s.Items, scope), scope, output, depth: 0);
                break;
            case SetStatement s:
                Assign(s.Target, Evaluate(s.Value, scope), scope);
                break;
            case SetBlockStatement s:
                var text = Render(s.Body, new Scope(scope));
                Assign(s.Target, s.Filter is FilterExpression f ? EvaluateFilter(f, text, scope) : text, scope);
                break;
            case MacroStatement s:
                scope.Set(s.Macro.Name, Macro(s.Macro, scope));
                break;
            case CallStatement s:
                ExecuteCall(s, scope, output);
                break;
            case FilterStatement s:
                var filtered = EvaluateFilter((FilterExpression)s.Filter, Render(s.Body, new Scope(scope)), scope);
                output.Append(PythonText.Str(filtered, Budget));
                break;
            case ScopeStatement s:
                flow = ExecuteScope(s, scope, output);
                break;
            case BreakStatement:
                flow = Flow.Break;
                break;
            case ContinueStatement:
                flow = Flow.Continue;
                break;
        }

        Budget.Leave();
        return flow;
    }

    private Flow ExecuteIf(IfStatement node, Scope scope, JinjaStringBuilder output)
    {
        foreach (var (condition, body) in node.Branches)
        {
            if (Evaluate(condition, scope).IsTrue)
            {
                return Execute(body, scope, output);
            }
        }

        return node.Else is null ? Flow.Next : Execute(node.Else, scope, output);
    }

    private void ExecuteFor(ForStatement node, JinjaValue value, Scope scope, JinjaStringBuilder output, int depth)
    {
        Position = node.Position;
        // A sequence is visited in place, so that a long range is never written out.
        var items = value as IReadOnlyList<JinjaValue> ?? [.. Iterate(value)];
        if (node.Filter is { } filter)
        {
            items = [.. Iterate(value).Where(item => Evaluate(filter, Turn(node.Target, item, scope)).IsTrue)];
        }

        JinjaValue Recurse(JinjaValue inner)
        {
            var text = new JinjaStringBuilder(Budget);
            ExecuteFor(node, inner, scope, text, depth + 1);
            return text.ToJinjaString();
        }

        var loop = new JinjaLoop(items, depth, node.IsRecursive ? Recurse : null);
        for (var i = 0; i < items.Count; i++)
        {
            loop.Index = i;
            var turn = Turn(node.Target, items[i], scope);
            turn.Set("loop", loop);
            if (Execute(node.Body, turn, output) == Flow.Break)
            {
                break;
            }
        }

        if (items.Count == 0 && node.Else is { } otherwise)
        {
            Execute(otherwise, new Scope(scope), output);
        }
    }

    /// <summary>The scope of one turn of a loop: what the body sets is gone in the next.</summary>
    private Scope Turn(Target target, JinjaValue item, Scope scope)
    {
        Budget.Step();
        var turn = new Scope(scope);
        Assign(target, item, turn);
        return turn;
    }

    private Flow ExecuteScope(ScopeStatement node, Scope scope, JinjaStringBuilder output)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in node.Values)
        {
            Assign(target, Evaluate(value, scope), inner);
        }

        return Execute(node.Body, inner, output);
    }

    private void ExecuteCall(CallStatement node, Scope scope, JinjaStringBuilder output)
    {
        var target = Evaluate(node.Call.Target, scope);
        var arguments = EvaluateArguments("call", node.Call.Arguments, scope);
        var named = new Dictionary<string, JinjaValue>(arguments.Named, StringComparer.Ordinal) { ["caller"] = Macro(node.Caller, scope) };
        Position = node.Position;
        output.Append(PythonText.Str(Call(target, new CallArguments(arguments.Callee, arguments.Positional, named)), Budget));
    }

    private void Assign(Target target, JinjaValue value, Scope scope)
    {
        switch (target)
        {
            case NameTarget t:
                scope.Set(t.Name, value);
                break;
            case NamespaceTarget t:
                var space = scope.Find(t.Namespace) as JinjaNamespace
                    ?? throw new JinjaException($"'{t.Namespace}' is no namespace, so its members cannot be set");
                space.Members[t.Member] = value;
                break;
            case TupleTarget t:
                var items = Iterate(value).Take(t.Items.Length + 1).ToList();
                if (items.Count != t.Items.Length)
                {
                    throw new JinjaException($"cannot unpack {value.TypeName} into {t.Items.Length} names");
                }

                for (var i = 0; i < items.Count; i++)
                {
                    Assign(t.Items[i], items[i], scope);
                }

                break;
        }
    }

    /// <summary>A macro as a value; its body sees the names of the place where it is defined.</summary>
    private JinjaFunction Macro(MacroDefinition macro, Scope scope) => new(macro.Name, arguments =>
    {
        var inner = new Scope(scope);
        var parameters = macro.Parameters;
        var given = arguments.Positional;
        if (given.Count > parameters.Length && !macro.ReadsPositionalRest)
        {
            throw new JinjaException($"macro '{macro.Name}' takes not more than {parameters.Length} arguments");
        }

        var rest = new Dictionary<string, JinjaValue>(arguments.Named, StringComparer.Ordinal);
        for (var i = 0; i < parameters.Length; i++)
        {
            var (name, byDefault) = parameters[i];
            var named = rest.Remove(name, out var value);
            inner.Set(name, i < given.Count ? given[i]
                : named ? value!
                : byDefault is not null ? Evaluate(byDefault, inner)
                : new JinjaUndefined($"parameter '{name}' was not provided"));
        }

        var caller = rest.Remove("caller", out var block) ? block! : new JinjaUndefined("no caller defined");
        SetRest(macro, inner, given.Skip(parameters.Length), rest, caller);
        return Render(macro.Body, inner);
    });

    private static void SetRest(MacroDefinition macro, Scope inner, IEnumerable<JinjaValue> positional, Dictionary<string, JinjaValue> named, JinjaValue caller)
    {
        if (macro.ReadsCaller)
        {
            inner.Set("caller", caller);
        }
        else if (caller is not JinjaUndefined)
        {
            throw new JinjaException($"macro '{macro.Name}' takes no caller");
        }

        if (macro.ReadsPositionalRest)
        {
            inner.Set("varargs", new JinjaTuple([.. positional]));
        }

        if (macro.ReadsNamedRest)
        {
            var rest = new JinjaDictionary();
            foreach (var (name, value) in named)
            {
                rest.With(name, value);
            }

            inner.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw new JinjaException($"macro '{macro.Name}' takes no keyword argument '{named.Keys.First()}'");
        }
    }
}
