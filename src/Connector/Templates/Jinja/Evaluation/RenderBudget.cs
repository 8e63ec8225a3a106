using System.Runtime.CompilerServices;

namespace Connector.Templates.Jinja;

/// <summary>What one rendering has spent of its <see cref="TemplateLimits"/>.</summary>
internal sealed class RenderBudget(TemplateLimits limits)
{
    private const int CharactersPerItem = 16;

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

    public void Enter()
    {
        if (++_depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaException("the template nests too deeply");
        }
    }

    public void Leave() => _depth--;
}
