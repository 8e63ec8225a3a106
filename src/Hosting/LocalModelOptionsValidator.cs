using Microsoft.Extensions.Options;

namespace Connector.Hosting;

/// <summary>Finds everything that is wrong with a model's options, for one message.</summary>
internal sealed class LocalModelOptionsValidator : IValidateOptions<LocalModelOptions>
{
    public ValidateOptionsResult Validate(string? name, LocalModelOptions options)
    {
        var model = string.IsNullOrEmpty(name) ? "The local model" : $"The local model '{name}'";
        string[] faults = [.. Faults(options).Select(fault => $"{model}: {fault}")];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(LocalModelOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ModelPath))
        {
            yield return $"{nameof(options.ModelPath)} is not set.";
        }
        else if (!File.Exists(options.ModelPath))
        {
            yield return $"{nameof(options.ModelPath)} names '{Path.GetFullPath(options.ModelPath)}', which does not exist.";
        }

        if (!Enum.IsDefined(options.Loading))
        {
            yield return $"{nameof(options.Loading)} is {(int)options.Loading}, which is no {nameof(ModelLoading)}.";
        }

        foreach (var fault in options.Client.Defaults.Faults())
        {
            yield return $"{nameof(options.Client)}.{nameof(options.Client.Defaults)}: {fault}.";
        }
    }
}
