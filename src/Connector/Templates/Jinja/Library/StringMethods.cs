using System.Buffers;

namespace Connector.Templates.Jinja;

/// <summary>The methods of a string; all keep the origin of every character.</summary>
internal static class StringMethods
{
    public static JinjaFunction? Find(JinjaString self, string name, Evaluator run)
    {
        Func<CallArguments, JinjaValue>? call = name switch
        {
            "strip" => a => Trim(self, a.Expect("chars").FindString(0, "chars"), true, true),
            "lstrip" => a => Trim(self, a.Expect("chars").FindString(0, "chars"), true, false),
            "rstrip" => a => Trim(self, a.Expect("chars").FindString(0, "chars"), false, true),
            "split" => a => new JinjaList(Split(self, a.Expect("sep", "maxsplit").FindString(0, "sep"), a.FindInteger(1, "maxsplit", -1))),
            "rsplit" => a => new JinjaList(RightSplit(self, a.Expect("sep", "maxsplit").FindString(0, "sep"), a.FindInteger(1, "maxsplit", -1))),
            "splitlines" => a => new JinjaList(SplitLines(self, a.Expect("keepends").FindBoolean(0, "keepends"))),
            "partition" => a => Partition(self, a.Expect("sep").RequireString(0, "sep"), last: false),
            "rpartition" => a => Partition(self, a.Expect("sep").RequireString(0, "sep"), last: true),
            "startswith" => a => JinjaBoolean.Of(Any(a.Expect("prefix").Require(0, "prefix"), p => self.Text.StartsWith(p, StringComparison.Ordinal))),
            "endswith" => a => JinjaBoolean.Of(Any(a.Expect("suffix").Require(0, "suffix"), p => self.Text.EndsWith(p, StringComparison.Ordinal))),
            "removeprefix" => a => a.Expect("prefix").RequireString(0, "prefix") is var p && self.Text.StartsWith(p.Text, StringComparison.Ordinal) ? self.Slice(p.Text.Length) : self,
            "removesuffix" => a => a.Expect("suffix").RequireString(0, "suffix") is var p && self.Text.EndsWith(p.Text, StringComparison.Ordinal) ? self.Slice(0, self.Text.Length - p.Text.Length) : self,
            "upper" => a => self.WithText(self.Text.ToUpperInvariant()),
            "lower" or "casefold" => a => Lower(self),
            "swapcase" => a => self.WithText(string.Concat(self.Text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
            "capitalize" => a => Capitalize(self),
            "title" => a => Title(self),
            "replace" => a => Replace(self, a.Expect("old", "new", "count").RequireString(0, "old"), a.RequireString(1, "new"), a.FindInteger(2, "count", -1), run.Budget),
            "join" => a => Join(self, run.Iterate(a.Expect("items").Require(0, "items")), run.Budget),
            "format" => a => Formatting.Format(self, a, run.Budget),
            "find" => a => new JinjaInteger(Index(self, self.Text.IndexOf(a.Expect("sub").RequireString(0, "sub").Text, StringComparison.Ordinal))),
            "rfind" => a => new JinjaInteger(Index(self, self.Text.LastIndexOf(a.Expect("sub").RequireString(0, "sub").Text, StringComparison.Ordinal))),
            "index" => a => self.Text.IndexOf(a.Expect("sub").RequireString(0, "sub").Text, StringComparison.Ordinal) is >= 0 and var at
                ? new JinjaInteger(Index(self, at))
                : throw new JinjaException("index(): substring not found"),
            "count" => a => new JinjaInteger(Count(self, a.Expect("sub").RequireString(0, "sub"))),
            "zfill" => a => ZeroFill(self, a.Expect("width").FindInteger(0, "width", 0), run.Budget),
            "ljust" => a => Pad(self, a.Expect("width", "fill"), 0, 1, run.Budget),
            "rjust" => a => Pad(self, a.Expect("width", "fill"), 1, 1, run.Budget),
            "center" => a => Pad(self, a.Expect("width", "fill"), 1, 2, run.Budget),
            "isdigit" or "isdecimal" or "isnumeric" => a => All(self, char.IsDigit),
            "isalpha" => a => All(self, char.IsLetter),
            "isalnum" => a => All(self, char.IsLetterOrDigit),
            "isspace" => a => All(self, PythonText.IsSpace),
            "isupper" => a => JinjaBoolean.Of(self.Text.Any(char.IsUpper) && !self.Text.Any(char.IsLower)),
            "islower" => a => JinjaBoolean.Of(self.Text.Any(char.IsLower) && !self.Text.Any(char.IsUpper)),
            _ => null,
        };
        return call is null ? null : new JinjaFunction(name, arguments =>
        {
            run.Budget.Scan(self);
            return run.Budget.Made(call(arguments), self);
        });
    }

    public static JinjaString Lower(JinjaString self) => self.WithText(self.Text.ToLowerInvariant());

    public static JinjaString Capitalize(JinjaString self) => self.Text.Length == 0
        ? self
        : self.WithText(char.ToUpperInvariant(self.Text[0]) + self.Text[1..].ToLowerInvariant());

    public static JinjaString Trim(JinjaString self, JinjaString? chars, bool left, bool right)
    {
        bool Goes(char c) => chars is null ? PythonText.IsSpace(c) : chars.Text.Contains(c, StringComparison.Ordinal);
        var start = 0;
        var end = self.Text.Length;
        while (left && start < end && Goes(self.Text[start]))
        {
            start++;
        }

        while (right && end > start && Goes(self.Text[end - 1]))
        {
            end--;
        }

        return self.Slice(start, end - start);
    }

    /// <summary>replace(): an empty <paramref name="old"/> stands between all characters and at both ends.</summary>
    public static JinjaString Replace(JinjaString self, JinjaString old, JinjaString replacement, int count, RenderBudget budget)
    {
        var result = new JinjaStringBuilder(budget);
        var from = 0;
        var search = 0;
        while (count != 0 && search <= self.Text.Length)
        {
            var at = self.Text.IndexOf(old.Text, search, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            budget.Step();
            result.Append(self.Slice(from, at - from));
            result.Append(replacement);
            from = at + old.Text.Length;
            search = Math.Max(from, at + 1);
            count--;
        }

        result.Append(self.Slice(from));
        return result.ToJinjaString();
    }

    public static JinjaString Join(JinjaString separator, IEnumerable<JinjaValue> items, RenderBudget budget)
    {
        var result = new JinjaStringBuilder(budget);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                result.Append(separator);
            }

            isFirst = false;
            result.Append(item as JinjaString ?? throw new JinjaException($"join(): expected str instance, {item.TypeName} found"));
        }

        return result.ToJinjaString();
    }

    public static IEnumerable<JinjaString> SplitLines(JinjaString self, bool keepEnds = false)
    {
        var breaks = SearchValues.Create("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");
        for (var start = 0; start < self.Text.Length;)
        {
            var length = self.Text.AsSpan(start).IndexOfAny(breaks);
            if (length < 0)
            {
                yield return self.Slice(start);
                yield break;
            }

            var end = start + length;
            var width = self.Text[end] == '\r' && end + 1 < self.Text.Length && self.Text[end + 1] == '\n' ? 2 : 1;
            yield return self.Slice(start, length + (keepEnds ? width : 0));
            start = end + width;
        }
    }

    /// <summary>A string padded to a width, the given share of the padding before it.</summary>
    public static JinjaString Pad(JinjaString self, CallArguments arguments, int leftShare, int shares, RenderBudget budget)
    {
        var missing = arguments.FindInteger(0, "width", 0) - self.Length!.Value;
        if (missing <= 0)
        {
            return self;
        }

        budget.Characters(missing);
        var fill = arguments.FindString(1, "fill")?.Text ?? " ";
        var left = missing * leftShare / shares;
        return Operators.Concat(budget, JinjaString.Template(new string(fill[0], left)), self, JinjaString.Template(new string(fill[0], missing - left)));
    }

    private static List<JinjaString> Split(JinjaString self, JinjaString? separator, int limit)
    {
        if (separator is null)
        {
            return SplitSpaces(self, limit);
        }

        if (separator.Text.Length == 0)
        {
            throw new JinjaException("split(): empty separator");
        }

        var parts = new List<JinjaString>();
        var start = 0;
        for (; limit != 0; limit--)
        {
            var at = self.Text.IndexOf(separator.Text, start, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            parts.Add(self.Slice(start, at - start));
            start = at + separator.Text.Length;
        }

        parts.Add(self.Slice(start));
        return parts;
    }

    private static List<JinjaString> SplitSpaces(JinjaString self, int limit)
    {
        var parts = new List<JinjaString>();
        var rest = Trim(self, null, true, false);
        for (; rest.Text.Length > 0 && limit != 0; limit--)
        {
            var length = 0;
            while (length < rest.Text.Length && !PythonText.IsSpace(rest.Text[length]))
            {
                length++;
            }

            parts.Add(rest.Slice(0, length));
            rest = Trim(rest.Slice(length), null, true, false);
        }

        if (rest.Text.Length > 0)
        {
            parts.Add(rest);
        }

        return parts;
    }

    private static IEnumerable<JinjaString> RightSplit(JinjaString self, JinjaString? separator, int limit)
    {
        var parts = Split(self, separator, -1);
        if (limit < 0 || parts.Count <= limit + 1)
        {
            return parts;
        }

        // What stays together on the left ends where the first of the last `limit` parts begins.
        var tail = parts.Skip(parts.Count - limit).ToList();
        var end = self.Text.Length;
        if (separator is null)
        {
            var rest = Trim(self, null, false, true);
            foreach (var part in Enumerable.Reverse(tail))
            {
                rest = Trim(rest.Slice(0, rest.Text.Length - part.Text.Length), null, false, true);
            }

            return tail.Prepend(rest);
        }

        end -= tail.Sum(p => p.Text.Length + separator.Text.Length);
        return tail.Prepend(self.Slice(0, end));
    }

    private static JinjaTuple Partition(JinjaString self, JinjaString separator, bool last)
    {
        var at = last
            ? self.Text.LastIndexOf(separator.Text, StringComparison.Ordinal)
            : self.Text.IndexOf(separator.Text, StringComparison.Ordinal);
        return at >= 0
            ? new JinjaTuple(self.Slice(0, at), self.Slice(at, separator.Text.Length), self.Slice(at + separator.Text.Length))
            : last ? new JinjaTuple(JinjaString.Empty, JinjaString.Empty, self) : new JinjaTuple(self, JinjaString.Empty, JinjaString.Empty);
    }

    private static JinjaString Title(JinjaString self)
    {
        var letters = self.Text.ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = i > 0 && char.IsLetter(letters[i - 1]) ? char.ToLowerInvariant(letters[i]) : char.ToUpperInvariant(letters[i]);
        }

        return self.WithText(new string(letters));
    }

    private static bool Any(JinjaValue options, Func<string, bool> matches) => options switch
    {
        JinjaString text => matches(text.Text),
        JinjaTuple tuple => tuple.Items.Any(o => o is JinjaString text && matches(text.Text)),
        _ => throw new JinjaException($"the argument must be str or a tuple of str, not {options.TypeName}"),
    };

    private static JinjaBoolean All(JinjaString self, Func<char, bool> condition) =>
        JinjaBoolean.Of(self.Text.Length > 0 && self.Text.All(condition));

    private static int Index(JinjaString self, int at) =>
        at < 0 || self.IsFlat ? at : self.Slice(0, at).Length!.Value;

    private static int Count(JinjaString self, JinjaString part) => part.Text.Length == 0
        ? self.Length!.Value + 1
        : self.Text.AsSpan().Count(part.Text);

    private static JinjaString ZeroFill(JinjaString self, int width, RenderBudget budget)
    {
        var missing = width - self.Length!.Value;
        if (missing <= 0)
        {
            return self;
        }

        budget.Characters(missing);
        var sign = self.Text.StartsWith('-') || self.Text.StartsWith('+') ? 1 : 0;
        return Operators.Concat(budget, self.Slice(0, sign), JinjaString.Template(new string('0', missing)), self.Slice(sign));
    }
}
