using System.Globalization;
using System.Text.Json.Nodes;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>Results: Markdown as they come, JSON at the end. A cell is text, a number, a flag or an <see cref="Estimate"/>.</summary>
internal sealed class Report
{
    private readonly TextWriter _output;
    private readonly JsonObject _facts = [];
    private readonly JsonArray _tables = [];
    private readonly string _name;

    public Report(string name, TextWriter output)
    {
        _name = name;
        _output = output;
        _output.WriteLine($"# {name}");
    }

    /// <summary>Says something about the run as a whole, such as what it measured on.</summary>
    public void Fact(string name, string value)
    {
        _facts[name] = value;
        _output.WriteLine($"- {name}: {value}");
    }

    /// <summary>Adds a table and prints it.</summary>
    /// <param name="title">What the table shows, with units.</param>
    /// <param name="columns">The columns' names.</param>
    /// <param name="rows">The rows; a cell for each column.</param>
    public void Table(string title, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object>> rows)
    {
        var json = new JsonArray();
        _output.WriteLine($"\n## {title}\n");
        _output.WriteLine($"| {string.Join(" | ", columns)} |");
        _output.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Count))}");
        foreach (var row in rows)
        {
            if (row.Count != columns.Count)
            {
                throw new ArgumentException($"A row of '{title}' has {row.Count} cells for {columns.Count} columns.", nameof(rows));
            }

            _output.WriteLine($"| {string.Join(" | ", row.Select(Text))} |");
            json.Add((JsonNode)new JsonObject(columns.Zip(row, (c, v) => KeyValuePair.Create(c, Json(v)))));
        }

        _output.Flush();
        _tables.Add((JsonNode)new JsonObject { ["title"] = title, ["rows"] = json });
    }

    /// <summary>Writes everything reported so far as JSON.</summary>
    public Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        var root = new JsonObject { ["benchmark"] = _name, ["facts"] = _facts.DeepClone(), ["tables"] = _tables.DeepClone() };
        return File.WriteAllTextAsync(path, root.ToString() + "\n", cancellationToken);
    }

    private static string Text(object cell) => cell switch
    {
        string text => text.Replace("|", "\\|", StringComparison.Ordinal),
        double or float => Estimate.Of([Convert.ToDouble(cell, CultureInfo.InvariantCulture)]).ToString(),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
    };

    private static JsonNode? Json(object cell) => cell switch
    {
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        float number => number,
        double number => number,
        Estimate e => new JsonObject { ["median"] = e.Median, ["low"] = e.Low, ["high"] = e.High, ["count"] = e.Count },
        _ => throw new ArgumentException($"A cell cannot be a {cell.GetType()}.", nameof(cell)),
    };
}
