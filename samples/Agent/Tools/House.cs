using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Connector.Samples.Agent.Tools;

/// <summary>Tools made from C# methods: a house that remembers what it was told. Thread-safe.</summary>
internal sealed class House(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, LightState> _lights = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<string> _reminders = new();

    /// <summary>What the model can call. The names are those that the embedded model knows.</summary>
    public IReadOnlyList<AIFunction> Tools =>
    [
        ToolJson.Tool(SetLight, "set_light"),
        ToolJson.Tool(SetThermostat, "set_thermostat"),
        ToolJson.Tool(CreateReminder, "create_reminder"),
    ];

    /// <summary>The lights that were switched, by room.</summary>
    public IReadOnlyDictionary<string, LightState> Lights => _lights;

    [Description("Turn the lights in a room on or off, or dim them.")]
    private LightResult SetLight(
        [Description("Room with the lights, for example kitchen")] string room,
        [Description("New state of the lights")] LightState state,
        [Description("Brightness in percent")] int? brightness = null)
    {
        if (brightness is < 0 or > 100)
        {
            throw new ArgumentOutOfRangeException(nameof(brightness), brightness, "Brightness is between 0 and 100 percent.");
        }

        _lights[room] = state;
        return new LightResult(room, state, brightness);
    }

    [Description("Set the target temperature of a room in degrees Celsius.")]
    private static ThermostatResult SetThermostat(
        [Description("Room to heat or cool")] string room,
        [Description("Target temperature in degrees Celsius")] double temperature) =>
        temperature is >= 5 and <= 30
            ? new ThermostatResult(room, temperature, "celsius")
            : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The heating reaches 5 to 30 degrees.");

    [Description("Create a reminder for a task at a time.")]
    private ReminderResult CreateReminder(
        [Description("What to be reminded of")] string task,
        [Description("Time, HH:MM")] string time,
        [Description("Day of the reminder")] string? date = null)
    {
        _reminders.Enqueue(task);
        return new ReminderResult(task, time, date ?? clock.GetLocalNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"R-{_reminders.Count}");
    }

    private sealed record LightResult(string Room, LightState State, int? Brightness);

    private sealed record ThermostatResult(string Room, double Target, string Unit);

    private sealed record ReminderResult(string Task, string Time, string Date, [property: JsonPropertyName("reminder_id")] string ReminderId);
}

/// <summary>Whether lights are on. The names in JSON are those that the embedded model knows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LightState>))]
internal enum LightState
{
    /// <summary>Dark.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>Bright.</summary>
    [JsonStringEnumMemberName("on")]
    On,
}
