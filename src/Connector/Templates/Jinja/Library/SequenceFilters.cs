namespace Connector.Templates.Jinja;

/// <summary>Filters about the items of a value.</summary>
internal static class SequenceFilters
{
    public static JinjaValue Length(Evaluator run, JinjaValue value, CallArguments arguments) =>
        new JinjaInteger(value.Length ?? throw new JinjaException($"object of type '{value.TypeName}' has no len()"));

    public static JinjaValue List(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        run.Budget.Items(value.Length ?? 0);
        return new JinjaList(run.Iterate(value));
    }

    public static JinjaValue First(Evaluator run, JinjaValue value, CallArguments arguments) =>
        run.Iterate(value).FirstOrDefault() ?? new JinjaUndefined("no first item, the sequence was empty");

    public static JinjaValue Last(Evaluator run, JinjaValue value, CallArguments arguments) => value switch
    {
        JinjaSequence { Count: > 0 } sequence => sequence[sequence.Count - 1],
        JinjaGenerator => throw new JinjaException("'generator' object is not reversible"),
        _ => run.Iterate(value).LastOrDefault() ?? new JinjaUndefined("no last item, the sequence was empty"),
    };

    public static JinjaValue Reverse(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        if (value is JinjaString text)
        {
            return Operators.Slice(text, JinjaNone.Instance, JinjaNone.Instance, new JinjaInteger(-1), run.Budget);
        }

        var items = run.Iterate(value).ToList();
        items.Reverse();
        return new JinjaGenerator(items);
    }

    public static JinjaValue Items(Evaluator run, JinjaValue value, CallArguments arguments) => value switch
    {
        JinjaUndefined => new JinjaGenerator([]),
        JinjaDictionary dictionary => new JinjaGenerator(dictionary.Pairs),
        _ => throw new JinjaException("can only get item pairs from a mapping"),
    };

    public static JinjaValue Join(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("d", "attribute");
        var separator = PythonText.Str(arguments.Find(0, "d") ?? JinjaString.Empty, run.Budget);
        var get = Attribute(run, arguments.Find(1, "attribute"));
        return StringMethods.Join(separator, run.Iterate(value).Select(v => (JinjaValue)PythonText.Str(get(v), run.Budget)), run.Budget);
    }

    public static JinjaValue Map(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0)
        {
            var get = Attribute(run, arguments.Named.GetValueOrDefault("attribute"), arguments.Named.GetValueOrDefault("default"));
            return new JinjaGenerator(run.Iterate(value).Select(get));
        }

        var name = arguments.RequireString(0, "filter").Text;
        var rest = new CallArguments(name, arguments.Positional[1..], arguments.Named);
        return new JinjaGenerator(run.Iterate(value).Select(v => Filters.Apply(name, run, v, rest)));
    }

    /// <summary>select, reject, selectattr and rejectattr.</summary>
    public static JinjaValue Select(Evaluator run, JinjaValue value, CallArguments arguments, bool byAttribute, bool wanted)
    {
        var get = byAttribute ? Attribute(run, arguments.Require(0, "attribute")) : item => item;
        var rest = arguments.Positional[(byAttribute ? 1 : 0)..];
        Func<JinjaValue, bool> holds = item => item.IsTrue;
        if (rest.Count > 0)
        {
            var test = (rest[0] as JinjaString)?.Text ?? throw new JinjaException($"{arguments.Callee}(): the test's name must be a string");
            var operands = new CallArguments(test, rest[1..], arguments.Named);
            holds = item => ValueTests.Holds(test, item, operands);
        }

        return new JinjaGenerator(run.Iterate(value).Where(item => holds(get(item)) == wanted));
    }

    public static JinjaValue Sum(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("attribute", "start");
        var get = Attribute(run, arguments.Find(0, "attribute"));
        return run.Iterate(value).Aggregate(
            arguments.Find(1, "start") ?? new JinjaInteger(0),
            (sum, item) => Operators.Binary(BinaryOperator.Add, sum, get(item), run.Budget));
    }

    public static JinjaValue Batch(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("linecount", "fill_with");
        var size = Math.Max(1, arguments.FindInteger(0, "linecount", 1));
        var fill = arguments.Find(1, "fill_with");
        return new JinjaGenerator(run.Iterate(value).Chunk(size).Select(chunk =>
        {
            var missing = fill is null or JinjaNone ? 0 : size - chunk.Length;
            run.Budget.Step(missing);
            return (JinjaValue)new JinjaList(chunk.Concat(Enumerable.Repeat(fill!, missing)));
        }));
    }

    public static JinjaValue Slice(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("slices", "fill_with");
        var slices = Math.Max(1, arguments.FindInteger(0, "slices", 1));
        run.Budget.Step(slices);
        var items = run.Iterate(value).ToList();
        var fill = arguments.Find(1, "fill_with");
        var (size, longer) = Math.DivRem(items.Count, slices);
        return new JinjaGenerator(Enumerable.Range(0, slices).Select(i =>
        {
            var start = (i * size) + Math.Min(i, longer);
            var part = items.Skip(start).Take(size + (i < longer ? 1 : 0));
            return (JinjaValue)new JinjaList(fill is not null and not JinjaNone && longer > 0 && i >= longer ? part.Append(fill) : part);
        }));
    }

    /// <summary>A getter for what filters call an attribute: a name, an index, or a path of both with dots.</summary>
    public static Func<JinjaValue, JinjaValue> Attribute(Evaluator run, JinjaValue? attribute, JinjaValue? otherwise = null)
    {
        if (attribute is null or JinjaNone)
        {
            return item => item;
        }

        JinjaValue[] path = attribute is JinjaString text ? [.. text.Text.Split('.').Select(Part)] : [attribute];
        return item =>
        {
            foreach (var part in path)
            {
                item = Members.Item(item, part, run);
                if (item is JinjaUndefined && otherwise is not null)
                {
                    item = otherwise;
                }
            }

            return item;
        };
    }

    private static JinjaValue Part(string name) =>
        name.Length > 0 && name.All(char.IsAsciiDigit) ? new JinjaInteger(System.Numerics.BigInteger.Parse(name, System.Globalization.CultureInfo.InvariantCulture)) : JinjaString.Template(name);
}
