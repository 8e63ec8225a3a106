using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Agent.Tools;

/// <summary>What the tool server knows: the time, units, and a weather that is made up but always the same for a city and day.</summary>
internal sealed class Almanac(TimeProvider time)
{
    private static readonly string[] s_conditions = ["sunny", "cloudy", "rainy", "windy", "foggy", "clear"];

    /// <summary>Units in words, as the embedded model writes them, with their size in the base unit of their kind.</summary>
    private static readonly Dictionary<string, (string Kind, double Size)> s_units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["millimeters"] = ("length", 0.001), ["centimeters"] = ("length", 0.01), ["meters"] = ("length", 1), ["kilometers"] = ("length", 1000),
        ["inches"] = ("length", 0.0254), ["feet"] = ("length", 0.3048), ["yards"] = ("length", 0.9144), ["miles"] = ("length", 1609.344),
        ["grams"] = ("mass", 1), ["kilograms"] = ("mass", 1000), ["tons"] = ("mass", 1_000_000), ["ounces"] = ("mass", 28.349523125), ["pounds"] = ("mass", 453.59237),
        ["milliliters"] = ("volume", 0.001), ["liters"] = ("volume", 1), ["gallons"] = ("volume", 3.785411784),
        ["seconds"] = ("time", 1), ["minutes"] = ("time", 60), ["hours"] = ("time", 3600), ["days"] = ("time", 86_400), ["weeks"] = ("time", 604_800),
    };

    /// <summary>The tools, for a server to offer.</summary>
    public IReadOnlyList<AIFunction> Tools =>
    [
        ToolJson.Tool(GetWeather, "get_weather"),
        ToolJson.Tool(ConvertUnits, "convert_units"),
        ToolJson.Tool(GetCurrentTime, "get_current_time"),
    ];

    [Description("Get the weather of a city.")]
    private static Weather GetWeather(
        [Description("Name of the city")] string city,
        [Description("Day, for example today or Monday")] string? day = null)
    {
        // The sum of the characters: the same on every machine, unlike a hash code.
        var mood = (city + (day ?? "today")).Sum(character => character);
        return new Weather(city, day ?? "today", (mood % 30) - 2, s_conditions[mood % s_conditions.Length]);
    }

    [Description("Convert a value from one unit to another.")]
    private static Quantity ConvertUnits(
        [Description("Value to convert")] double value,
        [Description("Unit of the value")] string from_unit,
        [Description("Unit to convert to")] string to_unit)
    {
        var (from, to) = (Unit(from_unit), Unit(to_unit));
        return from.Kind == to.Kind
            ? new Quantity(Math.Round(value * from.Size / to.Size, 2), to_unit)
            : throw new ArgumentException($"{from_unit} measure {from.Kind}, {to_unit} measure {to.Kind}.", nameof(to_unit));
    }

    [Description("Get the current time and date.")]
    private Moment GetCurrentTime()
    {
        var now = time.GetLocalNow();
        return new Moment(now.ToString("HH:mm", CultureInfo.InvariantCulture), now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    private static (string Kind, double Size) Unit(string name) => s_units.TryGetValue(name, out var unit)
        ? unit
        : throw new ArgumentException($"The unit '{name}' is not known; known are {string.Join(", ", s_units.Keys)}.", nameof(name));

    private sealed record Weather(string City, string Day, int Temperature, string Condition);

    private sealed record Quantity(double Result, string Unit);

    private sealed record Moment(string Time, string Date);
}
