using System.Collections.Immutable;

namespace Connector.Templates.Jinja;

/// <summary>Runs one rendering of a template. Not thread-safe; the template itself is.</summary>
internal sealed partial class Evaluator(TemplateLimits limits, TimeProvider clock)
{
    public RenderBudget Budget { get; } = new(limits);

    public TimeProvider Clock { get; } = clock;

    /// <summary>Where in the source the rendering is; what an error tells.</summary>
    public int Position { get; private set; }

    public JinjaValue Evaluate(Expression expression, Scope scope)
    {
        Budget.Step();
        Budget.Enter();
        Position = expression.Position;
        var value = expression switch
        {
            LiteralExpression e => e.Value,
            NameExpression e => scope.Find(e.Name) ?? Globals.Find(e.Name, this) ?? JinjaUndefined.Of(e.Name),
            MemberExpression e => Members.Member(EvaluateBefore(e, e.Target, scope), e.Name, this),
            ItemExpression e => EvaluateItem(e, scope),
            CallExpression e => EvaluateCall(e, scope),
            FilterExpression e => EvaluateFilter(e, null, scope),
            TestExpression e => EvaluateTest(e, scope),
            AndExpression e => Evaluate(e.Left, scope) is { IsTrue: false } left ? left : Evaluate(e.Right, scope),
            OrExpression e => Evaluate(e.Left, scope) is { IsTrue: true } left ? left : Evaluate(e.Right, scope),
            UnaryExpression e => Operators.Unary(e.Operator, EvaluateBefore(e, e.Operand, scope)),
            BinaryExpression e => EvaluateBinary(e, scope),
            CompareExpression e => EvaluateCompare(e, scope),
            ConcatExpression e => Operators.Concat(Budget, [.. e.Items.Select(i => PythonText.Str(Evaluate(i, scope), Budget))]),
            ConditionalExpression e => EvaluateConditional(e, scope),
            ListExpression e => new JinjaList(EvaluateAll(e.Items, scope)),
            TupleExpression e => new JinjaTuple([.. EvaluateAll(e.Items, scope)]),
            DictionaryExpression e => EvaluateDictionary(e, scope),
            _ => throw new JinjaException("a slice stands only in brackets"),
        };
        Budget.Leave();
        return value;
    }

    /// <summary>The items of a value; each counts as a step.</summary>
    public IEnumerable<JinjaValue> Iterate(JinjaValue value)
    {
        foreach (var item in value.Items ?? throw new JinjaException($"'{value.TypeName}' object is not iterable"))
        {
            Budget.Step();
            yield return item;
        }
    }

    /// <summary>Calls a function, macro or recursive loop.</summary>
    public JinjaValue Call(JinjaValue target, CallArguments arguments)
    {
        Operators.ThrowIfUndefined(target);
        Budget.Enter();
        var result = target switch
        {
            JinjaFunction function => function.Call(arguments),
            JinjaLoop loop => loop.Recurse(arguments.Expect("items").Require(0, "items")),
            _ => throw new JinjaException($"'{target.TypeName}' object is not callable"),
        };
        Budget.Leave();
        return result;
    }

    /// <summary>Evaluates an operand; after it, errors are those of the node again.</summary>
    private JinjaValue EvaluateBefore(Expression node, Expression operand, Scope scope)
    {
        var value = Evaluate(operand, scope);
        Position = node.Position;
        return value;
    }

    private List<JinjaValue> EvaluateAll(ImmutableArray<Expression> items, Scope scope) => [.. items.Select(i => Evaluate(i, scope))];

    private JinjaValue EvaluateItem(ItemExpression node, Scope scope)
    {
        var target = Evaluate(node.Target, scope);
        if (node.Index is not SliceExpression slice)
        {
            return Members.Item(target, EvaluateBefore(node, node.Index, scope), this);
        }

        JinjaValue Part(Expression? part) => part is null ? JinjaNone.Instance : EvaluateBefore(node, part, scope);
        return Operators.Slice(target, Part(slice.Start), Part(slice.Stop), Part(slice.Step), Budget);
    }

    private JinjaValue EvaluateCall(CallExpression node, Scope scope)
    {
        var target = Evaluate(node.Target, scope);
        var name = node.Target switch { NameExpression n => n.Name, MemberExpression m => m.Name, _ => target.TypeName };
        var arguments = EvaluateArguments(name, node.Arguments, scope);
        Position = node.Position;
        return Call(target, arguments);
    }

    private CallArguments EvaluateArguments(string callee, ArgumentList arguments, Scope scope)
    {
        var positional = EvaluateAll(arguments.Positional, scope);
        if (arguments.Spread is { } spread)
        {
            positional.AddRange(Iterate(Evaluate(spread, scope)));
        }

        if (arguments.Named.IsEmpty && arguments.NamedSpread is null)
        {
            return new CallArguments(callee, positional);
        }

        var named = new Dictionary<string, JinjaValue>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Named)
        {
            named[name] = Evaluate(value, scope);
        }

        if (arguments.NamedSpread is { } namedSpread)
        {
            var entries = Evaluate(namedSpread, scope) as JinjaDictionary
                ?? throw new JinjaException($"{callee}(): the argument after ** must be a mapping");
            foreach (var (key, value) in entries.Entries)
            {
                named[PythonText.Str(key, Budget).Text] = value;
            }
        }

        return new CallArguments(callee, positional, named);
    }

    /// <summary>Applies a chain of filters; the innermost of a block's filters gets the block's text.</summary>
    private JinjaValue EvaluateFilter(FilterExpression node, JinjaValue? input, Scope scope)
    {
        var value = node.Target switch
        {
            null => input!,
            FilterExpression inner when input is not null => EvaluateFilter(inner, input, scope),
            _ => Evaluate(node.Target, scope),
        };
        var arguments = EvaluateArguments(node.Name, node.Arguments, scope);
        Position = node.Position;
        return Filters.Apply(node.Name, this, value, arguments);
    }

    private JinjaBoolean EvaluateTest(TestExpression node, Scope scope)
    {
        var value = Evaluate(node.Target, scope);
        var arguments = EvaluateArguments(node.Name, node.Arguments, scope);
        Position = node.Position;
        return JinjaBoolean.Of(ValueTests.Holds(node.Name, value, arguments));
    }

    private JinjaValue EvaluateBinary(BinaryExpression node, Scope scope)
    {
        var left = Evaluate(node.Left, scope);
        return Operators.Binary(node.Operator, left, EvaluateBefore(node, node.Right, scope), Budget);
    }

    private JinjaBoolean EvaluateCompare(CompareExpression node, Scope scope)
    {
        var left = Evaluate(node.First, scope);
        foreach (var (op, operand) in node.Rest)
        {
            var right = EvaluateBefore(node, operand, scope);
            Budget.Scan(left);
            Budget.Scan(right);
            if (!Operators.Compare(op, left, right))
            {
                return JinjaBoolean.False;
            }

            left = right;
        }

        return JinjaBoolean.True;
    }

    private JinjaValue EvaluateConditional(ConditionalExpression node, Scope scope)
    {
        if (Evaluate(node.Condition, scope).IsTrue)
        {
            return Evaluate(node.Then, scope);
        }

        return node.Else is null
            ? new JinjaUndefined("the inline if evaluated to false and has no else")
            : Evaluate(node.Else, scope);
    }

    private JinjaDictionary EvaluateDictionary(DictionaryExpression node, Scope scope)
    {
        var result = new JinjaDictionary();
        foreach (var (key, value) in node.Entries)
        {
            result.Entries[EvaluateBefore(node, key, scope)] = EvaluateBefore(node, value, scope);
        }

        return result;
    }
}
