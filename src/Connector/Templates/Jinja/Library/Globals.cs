using System.Numerics;

namespace Connector.Templates.Jinja;

/// <summary>The functions every template sees.</summary>
internal static class Globals
{
    public static JinjaValue? Find(string name, Evaluator run) => name switch
    {
        "namespace" => new JinjaFunction(name, a => Namespace(a, run)),
        "dict" => new JinjaFunction(name, a => Dictionary(a, run)),
        "range" => new JinjaFunction(name, Range),
        "raise_exception" => new JinjaFunction(name, a => throw new JinjaException(PythonText.Str(a.Expect("message").Require(0, "message"), run.Budget).Text)),
        "strftime_now" => new JinjaFunction(name, a => JinjaString.Template(Strftime.Format(run.Clock.GetLocalNow(), a.Expect("format").RequireString(0, "format").Text))),
        _ => null,
    };

    private static JinjaNamespace Namespace(CallArguments arguments, Evaluator run)
    {
        var space = new JinjaNamespace();
        foreach (var (key, value) in Dictionary(arguments, run).Entries)
        {
            space.Members[PythonText.Str(key, run.Budget).Text] = value;
        }

        return space;
    }

    private static JinjaDictionary Dictionary(CallArguments arguments, Evaluator run)
    {
        var result = new JinjaDictionary();
        if (arguments.Positional.Count > 1)
        {
            throw new JinjaException($"{arguments.Callee}() takes at most 1 positional argument");
        }

        foreach (var source in arguments.Positional)
        {
            DictionaryMethods.Update(result, source, run);
        }

        foreach (var (name, value) in arguments.Named)
        {
            result.With(name, value);
        }

        return result;
    }

    private static JinjaRange Range(CallArguments arguments)
    {
        arguments.Expect("start", "stop", "step");
        var numbers = arguments.Positional.ConvertAll(v =>
            Numbers.TryGetInteger(v, out var i) && i >= int.MinValue && i <= int.MaxValue
                ? (long)i
                : throw new JinjaException($"range() takes integers of 32 bits, not {v.TypeName}"));
        var (start, stop, step) = numbers switch
        {
            [var only] => (0, only, 1),
            [var first, var last] => (first, last, 1),
            [var first, var last, var by] => (first, last, by),
            _ => throw new JinjaException("range() needs an argument"),
        };
        if (step == 0)
        {
            throw new JinjaException("range(): the step must not be zero");
        }

        var count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        return new JinjaRange(start, step, (int)Math.Clamp(count, 0, int.MaxValue));
    }
}
