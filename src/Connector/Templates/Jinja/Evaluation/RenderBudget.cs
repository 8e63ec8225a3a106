using System.Runtime.CompilerServices;

namespace Connector.Templates.Jinja;

/// <summary>What one rendering has spent of its <see cref="TemplateLimits"/>.</summary>
internal sealed class RenderBudget(TemplateLimits limits)
{
    private const int CharactersPerItem = 16;
    private const int CharactersPerStep = 16;

    private long _steps = limits.Steps;
    private long _characters = limits.Characters;
    private int _depth;

    public void Step(long count = 1)
    {
        _steps -= count;
        if (_steps < 0)
        {
            throw new JinjaException($"the template needs more than {limits.Steps} steps");
        }
    }

    public void Characters(long count)
    {
        _characters -= count;
        if (_characters < 0)
        {
            throw new JinjaException($"the template builds more than {limits.Characters} characters of text");
        }
    }

    /// <summary>Items of a list that is made; they weigh more than characters.</summary>
    public void Items(long count)
    {
        Step(count);
        Characters(count * CharactersPerItem);
    }

    /// <summary>Work that looks through a value, such as a comparison or a filter: a long text is no single step.</summary>
    public void Scan(JinjaValue value) => Step(value switch
    {
        JinjaString text => text.Text.Length / CharactersPerStep,
        JinjaList or JinjaTuple or JinjaDictionary => value.Length ?? 0,
        _ => 0,
    });

    /// <summary>A text that a function made, unless it is the one it was given.</summary>
    public JinjaValue Made(JinjaValue result, JinjaValue of)
    {
        if (result is JinjaString text && !ReferenceEquals(result, of))
        {
            Characters(text.Text.Length);
        }

        return result;
    }

    public void Enter()
    {
        if (++_depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaException("the template nests too deeply");
        }
    }

    public void Leave() => _depth--;
}
