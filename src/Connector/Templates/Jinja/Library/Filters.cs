namespace Connector.Templates.Jinja;

/// <summary>The filters by name: Jinja's own, and those that chat templates add.</summary>
internal static class Filters
{
    private delegate JinjaValue Filter(Evaluator run, JinjaValue value, CallArguments arguments);

    private static readonly Dictionary<string, Filter> s_filters = new(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = (run, value, a) => Members.FindAttribute(value, a.Expect("name").RequireString(0, "name").Text, run) ?? JinjaUndefined.Of("attribute"),
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = StringFilters.Capitalize,
        ["center"] = StringFilters.Center,
        ["count"] = SequenceFilters.Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortFilters.DictSort,
        ["e"] = StringFilters.Escape,
        ["escape"] = StringFilters.Escape,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["forceescape"] = StringFilters.Escape,
        ["format"] = (run, value, a) => Formatting.Percent(PythonText.Str(value, run.Budget), new JinjaTuple([.. a.Positional]), run.Budget),
        ["from_json"] = (run, value, a) => JsonText.Read(PythonText.Str(value, run.Budget), run.Budget),
        ["groupby"] = SortFilters.GroupBy,
        ["indent"] = StringFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = SequenceFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = SequenceFilters.Length,
        ["list"] = SequenceFilters.List,
        ["lower"] = (run, value, a) => StringMethods.Lower(PythonText.Str(value, run.Budget)),
        ["map"] = SequenceFilters.Map,
        ["max"] = (run, value, a) => SortFilters.Extreme(run, value, a, 1),
        ["min"] = (run, value, a) => SortFilters.Extreme(run, value, a, -1),
        ["reject"] = (run, value, a) => SequenceFilters.Select(run, value, a, byAttribute: false, wanted: false),
        ["rejectattr"] = (run, value, a) => SequenceFilters.Select(run, value, a, byAttribute: true, wanted: false),
        ["replace"] = StringFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = (run, value, a) => PythonText.Str(value, run.Budget),
        ["select"] = (run, value, a) => SequenceFilters.Select(run, value, a, byAttribute: false, wanted: true),
        ["selectattr"] = (run, value, a) => SequenceFilters.Select(run, value, a, byAttribute: true, wanted: true),
        ["slice"] = SequenceFilters.Slice,
        ["sort"] = SortFilters.Sort,
        ["string"] = (run, value, a) => PythonText.Str(value, run.Budget),
        ["sum"] = SequenceFilters.Sum,
        ["title"] = StringFilters.Title,
        ["tojson"] = ToJson,
        ["trim"] = StringFilters.Trim,
        ["truncate"] = StringFilters.Truncate,
        ["unique"] = SortFilters.Unique,
        ["upper"] = (run, value, a) => PythonText.Str(value, run.Budget) is var text ? text.WithText(text.Text.ToUpperInvariant()) : text,
        ["urlencode"] = StringFilters.UrlEncode,
        ["wordcount"] = StringFilters.WordCount,
    };

    public static bool Exists(string name) => s_filters.ContainsKey(name);

    public static JinjaValue Apply(string name, Evaluator run, JinjaValue value, CallArguments arguments)
    {
        run.Budget.Scan(value);
        return s_filters.TryGetValue(name, out var filter)
            ? run.Budget.Made(filter(run, value, arguments), value)
            : throw new JinjaException($"no filter named '{name}'");
    }

    private static JinjaValue Default(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("default_value", "boolean");
        var missing = value is JinjaUndefined || (arguments.FindBoolean(1, "boolean") && !value.IsTrue);
        return missing ? arguments.Find(0, "default_value") ?? JinjaString.Empty : value;
    }

    /// <summary>tojson as the chat templates' authors know it: json.dumps without the HTML escapes of Jinja's own.</summary>
    private static JinjaString ToJson(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("ensure_ascii", "indent", "separators", "sort_keys");
        var indent = arguments.Find(1, "indent") switch
        {
            null or JinjaNone => null,
            JinjaString text => text.Text,
            var number => new string(' ', Math.Clamp(new CallArguments("tojson", [number]).FindInteger(0, "indent", 0), 0, 100)),
        };
        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (arguments.Find(2, "separators") is JinjaSequence { Count: 2 } pair)
        {
            (item, key) = (PythonText.Str(pair[0], run.Budget).Text, PythonText.Str(pair[1], run.Budget).Text);
        }

        var style = new JsonStyle(arguments.FindBoolean(0, "ensure_ascii"), indent, item, key, arguments.FindBoolean(3, "sort_keys"));
        return JsonText.Write(value, style, run.Budget);
    }
}
