namespace Connector.Templates.Jinja;

/// <summary>Filters that compare items with one another; unless told otherwise they ignore case.</summary>
internal static class SortFilters
{
    private static readonly Comparer<JinjaValue> s_order = Comparer<JinjaValue>.Create(Operators.Order);

    public static JinjaValue Sort(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("reverse", "case_sensitive", "attribute");
        var key = Key(run, arguments.Find(2, "attribute"), arguments.FindBoolean(1, "case_sensitive"));
        return new JinjaList(Ordered(run, run.Iterate(value), key, arguments.FindBoolean(0, "reverse")));
    }

    public static JinjaValue DictSort(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("case_sensitive", "by", "reverse");
        var dictionary = value as JinjaDictionary ?? throw new JinjaException($"dictsort needs a mapping, not {value.TypeName}");
        var position = (arguments.FindString(1, "by")?.Text ?? "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw new JinjaException("dictsort(): 'by' must be 'key' or 'value'"),
        };
        var key = Key(run, new JinjaInteger(position), arguments.FindBoolean(0, "case_sensitive"));
        return new JinjaList(Ordered(run, dictionary.Pairs, key, arguments.FindBoolean(2, "reverse")));
    }

    public static JinjaValue Unique(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("case_sensitive", "attribute");
        var key = Key(run, arguments.Find(1, "attribute"), arguments.FindBoolean(0, "case_sensitive"));
        return new JinjaGenerator(run.Iterate(value).DistinctBy(key, JinjaEquality.Instance));
    }

    /// <summary>min (direction −1) and max (direction 1); the first of equals.</summary>
    public static JinjaValue Extreme(Evaluator run, JinjaValue value, CallArguments arguments, int direction)
    {
        arguments.Expect("case_sensitive", "attribute");
        var key = Key(run, arguments.Find(1, "attribute"), arguments.FindBoolean(0, "case_sensitive"));
        JinjaValue? best = null;
        foreach (var item in run.Iterate(value))
        {
            best = best is null || Math.Sign(Operators.Order(key(item), key(best))) == direction ? item : best;
        }

        return best ?? new JinjaUndefined("no item, the sequence was empty");
    }

    public static JinjaValue GroupBy(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("attribute", "default", "case_sensitive");
        var get = SequenceFilters.Attribute(run, arguments.Require(0, "attribute"), arguments.Find(1, "default"));
        var fold = Key(run, null, arguments.FindBoolean(2, "case_sensitive"));
        var groups = Ordered(run, run.Iterate(value), item => fold(get(item)), reverse: false)
            .GroupBy(item => fold(get(item)), JinjaEquality.Instance);
        return new JinjaList(groups.Select(g => (JinjaValue)new JinjaTuple(get(g.First()), new JinjaList(g))));
    }

    private static IEnumerable<JinjaValue> Ordered(Evaluator run, IEnumerable<JinjaValue> items, Func<JinjaValue, JinjaValue> key, bool reverse)
    {
        var list = items.ToList();
        run.Budget.Items((long)list.Count * (1 + (int)Math.Log2(list.Count + 1)));
        return reverse ? list.OrderByDescending(key, s_order) : list.OrderBy(key, s_order);
    }

    /// <summary>What an item is compared by; several attributes, separated by commas, make a tuple.</summary>
    private static Func<JinjaValue, JinjaValue> Key(Evaluator run, JinjaValue? attribute, bool caseSensitive)
    {
        JinjaValue Fold(JinjaValue v) => v is JinjaString text && !caseSensitive ? StringMethods.Lower(text) : v;
        if (attribute is JinjaString path && path.Text.Contains(',', StringComparison.Ordinal))
        {
            var getters = path.Text.Split(',').Select(p => SequenceFilters.Attribute(run, JinjaString.Template(p.Trim()))).ToList();
            return item => new JinjaTuple([.. getters.Select(get => Fold(get(item)))]);
        }

        var getter = SequenceFilters.Attribute(run, attribute);
        return item => Fold(getter(item));
    }
}
