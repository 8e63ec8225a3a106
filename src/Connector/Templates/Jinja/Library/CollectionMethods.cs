namespace Connector.Templates.Jinja;

/// <summary>The methods of a dictionary.</summary>
internal static class DictionaryMethods
{
    public static JinjaFunction? Find(JinjaDictionary self, string name, Evaluator run)
    {
        Func<CallArguments, JinjaValue>? call = name switch
        {
            "items" => a => View("dict_items", self, () => self.Pairs, a),
            "keys" => a => View("dict_keys", self, () => self.Items, a),
            "values" => a => View("dict_values", self, () => self.Entries.Values, a),
            "get" => a => self.Entries.GetValueOrDefault(a.Expect("key", "default").Require(0, "key")) ?? a.Find(1, "default") ?? JinjaNone.Instance,
            "pop" => a => Pop(self, a.Expect("key", "default")),
            "setdefault" => a => SetDefault(self, a.Expect("key", "default")),
            "update" => a => Update(self, a, run),
            "copy" => a => Copy(self),
            "clear" => a => Clear(self),
            _ => null,
        };
        return call is null ? null : new JinjaFunction(name, call);
    }

    /// <summary>Adds the entries of a mapping or of a sequence of pairs.</summary>
    public static void Update(JinjaDictionary self, JinjaValue source, Evaluator run)
    {
        if (source is JinjaDictionary other)
        {
            foreach (var (key, value) in other.Entries.ToList())
            {
                self.Entries[key] = value;
            }

            return;
        }

        foreach (var pair in run.Iterate(source))
        {
            var items = run.Iterate(pair).Take(3).ToList();
            if (items.Count != 2)
            {
                throw new JinjaException("a dictionary is made of a mapping or of pairs");
            }

            self.Entries[items[0]] = items[1];
        }
    }

    private static JinjaView View(string type, JinjaDictionary self, Func<IEnumerable<JinjaValue>> items, CallArguments arguments)
    {
        arguments.Expect();
        return new JinjaView(type, self, items);
    }

    private static JinjaValue Pop(JinjaDictionary self, CallArguments arguments)
    {
        if (self.Entries.Remove(arguments.Require(0, "key"), out var value))
        {
            return value;
        }

        return arguments.Find(1, "default") ?? throw new JinjaException("pop(): the key is not in the dictionary");
    }

    private static JinjaValue SetDefault(JinjaDictionary self, CallArguments arguments)
    {
        var key = arguments.Require(0, "key");
        self.Entries.TryAdd(key, arguments.Find(1, "default") ?? JinjaNone.Instance);
        return self.Entries[key];
    }

    private static JinjaNone Update(JinjaDictionary self, CallArguments arguments, Evaluator run)
    {
        foreach (var source in arguments.Positional)
        {
            Update(self, source, run);
        }

        foreach (var (name, value) in arguments.Named)
        {
            self.With(name, value);
        }

        return JinjaNone.Instance;
    }

    private static JinjaDictionary Copy(JinjaDictionary self)
    {
        var copy = new JinjaDictionary();
        foreach (var (key, value) in self.Entries)
        {
            copy.Entries[key] = value;
        }

        return copy;
    }

    private static JinjaNone Clear(JinjaDictionary self)
    {
        self.Entries.Clear();
        return JinjaNone.Instance;
    }
}

/// <summary>The methods of a list.</summary>
internal static class ListMethods
{
    public static JinjaFunction? Find(JinjaList self, string name, Evaluator run)
    {
        var values = self.Values;
        Func<CallArguments, JinjaValue>? call = name switch
        {
            "append" => a => Do(() => values.Add(a.Expect("item").Require(0, "item"))),
            "extend" => a => Do(() => Extend(values, a.Expect("items").Require(0, "items"), run)),
            "insert" => a => Do(() => values.Insert(Place(values, a.Expect("index", "item").FindInteger(0, "index", 0)), a.Require(1, "item"))),
            "pop" => a => Pop(values, a.Expect("index").FindInteger(0, "index", -1)),
            "remove" => a => Do(() => values.RemoveAt(Search(values, a.Expect("item").Require(0, "item")))),
            "index" => a => new JinjaInteger(Search(values, a.Expect("item").Require(0, "item"))),
            "count" => a => new JinjaInteger(values.Count(v => JinjaEquality.Instance.Equals(v, a.Expect("item").Require(0, "item")))),
            "reverse" => a => Do(() => values.Reverse()),
            "copy" => a => new JinjaList(values.ToList()),
            "clear" => a => Do(values.Clear),
            _ => null,
        };
        return call is null ? null : new JinjaFunction(name, call);
    }

    private static void Extend(List<JinjaValue> values, JinjaValue items, Evaluator run)
    {
        List<JinjaValue> added = [.. run.Iterate(items)];
        run.Budget.Items(added.Count);
        values.AddRange(added);
    }

    private static JinjaNone Do(Action action)
    {
        action();
        return JinjaNone.Instance;
    }

    private static int Place(List<JinjaValue> values, int index) =>
        Math.Clamp(index < 0 ? index + values.Count : index, 0, values.Count);

    private static JinjaValue Pop(List<JinjaValue> values, int index)
    {
        var place = index < 0 ? index + values.Count : index;
        if ((uint)place >= (uint)values.Count)
        {
            throw new JinjaException("pop(): the index is out of range");
        }

        var value = values[place];
        values.RemoveAt(place);
        return value;
    }

    private static int Search(List<JinjaValue> values, JinjaValue item)
    {
        var place = values.FindIndex(v => JinjaEquality.Instance.Equals(v, item));
        return place >= 0 ? place : throw new JinjaException("the item is not in the list");
    }
}
