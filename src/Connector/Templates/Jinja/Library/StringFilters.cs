using System.Globalization;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>Filters that read their value as text.</summary>
internal static class StringFilters
{
    public static JinjaValue Trim(Evaluator run, JinjaValue value, CallArguments arguments) =>
        StringMethods.Trim(PythonText.Str(value, run.Budget), arguments.Expect("chars").FindString(0, "chars"), true, true);

    public static JinjaValue Capitalize(Evaluator run, JinjaValue value, CallArguments arguments) =>
        StringMethods.Capitalize(PythonText.Str(value, run.Budget));

    public static JinjaValue Center(Evaluator run, JinjaValue value, CallArguments arguments) =>
        StringMethods.Pad(PythonText.Str(value, run.Budget), new CallArguments("center", [arguments.Find(0, "width") ?? new JinjaInteger(80)]), 1, 2, run.Budget);

    public static JinjaValue Replace(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("old", "new", "count");
        var old = PythonText.Str(arguments.Require(0, "old"), run.Budget);
        var replacement = PythonText.Str(arguments.Require(1, "new"), run.Budget);
        return StringMethods.Replace(PythonText.Str(value, run.Budget), old, replacement, arguments.FindInteger(2, "count", -1), run.Budget);
    }

    /// <summary>Words begin after white space, hyphens and opening brackets, not after apostrophes as in Python's title().</summary>
    public static JinjaValue Title(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        var text = PythonText.Str(value, run.Budget);
        var letters = text.Text.ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            var begins = i == 0 || PythonText.IsSpace(letters[i - 1]) || "-({[<".Contains(letters[i - 1], StringComparison.Ordinal);
            letters[i] = begins ? char.ToUpperInvariant(letters[i]) : char.ToLowerInvariant(letters[i]);
        }

        return text.WithText(new string(letters));
    }

    public static JinjaValue Indent(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("width", "first", "blank");
        var indent = arguments.Find(0, "width") switch
        {
            JinjaString text => text,
            _ => JinjaString.Template(new string(' ', Math.Clamp(arguments.FindInteger(0, "width", 4), 0, 10_000))),
        };
        var blank = arguments.FindBoolean(2, "blank");
        var newline = JinjaString.Template("\n");
        var result = new JinjaStringBuilder(run.Budget);
        var isFirst = true;
        foreach (var line in StringMethods.SplitLines(Operators.Concat(run.Budget, PythonText.Str(value, run.Budget), newline)))
        {
            if (!isFirst)
            {
                result.Append(newline);
            }

            if (isFirst ? arguments.FindBoolean(1, "first") : blank || line.IsTrue)
            {
                result.Append(indent);
            }

            result.Append(line);
            isFirst = false;
        }

        return result.ToJinjaString();
    }

    public static JinjaValue Truncate(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        arguments.Expect("length", "killwords", "end", "leeway");
        var text = PythonText.Str(value, run.Budget);
        var length = arguments.FindInteger(0, "length", 255);
        var end = arguments.FindString(2, "end") ?? JinjaString.Template("...");
        if (text.Text.Length <= length + arguments.FindInteger(3, "leeway", 5))
        {
            return text;
        }

        var cut = text.Slice(0, Math.Max(0, length - end.Text.Length));
        var space = arguments.FindBoolean(1, "killwords") ? -1 : cut.Text.LastIndexOf(' ');
        return Operators.Concat(run.Budget, space < 0 ? cut : cut.Slice(0, space), end);
    }

    public static JinjaValue Escape(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        var text = PythonText.Str(value, run.Budget);
        foreach (var (character, entity) in new[] { ("&", "&amp;"), (">", "&gt;"), ("<", "&lt;"), ("'", "&#39;"), ("\"", "&#34;") })
        {
            text = StringMethods.Replace(text, JinjaString.Template(character), JinjaString.Data(entity), -1, run.Budget);
        }

        return text;
    }

    public static JinjaValue UrlEncode(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        var result = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(PythonText.Str(value, run.Budget).Text))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || "_.-~/".Contains((char)b, StringComparison.Ordinal)
                ? result.Append((char)b)
                : result.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return JinjaString.Data(result.ToString());
    }

    public static JinjaValue WordCount(Evaluator run, JinjaValue value, CallArguments arguments)
    {
        var count = 0;
        var inWord = false;
        foreach (var c in PythonText.Str(value, run.Budget).Text)
        {
            var isWord = char.IsLetterOrDigit(c) || c == '_';
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return new JinjaInteger(count);
    }
}
