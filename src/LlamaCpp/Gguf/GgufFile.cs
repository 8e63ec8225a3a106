using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Connector.LlamaCpp;

/// <summary>
/// A GGUF file, or all files of a model in several: metadata and what tensors there are, without their data.
/// Immutable and thread-safe. Needs no native library.
/// </summary>
public sealed partial class GgufFile
{
    private GgufFile(ImmutableArray<string> paths, uint version, GgufMetadata metadata, ImmutableArray<GgufTensor> tensors)
    {
        Paths = paths;
        Version = version;
        Metadata = metadata;
        Tensors = tensors;
    }

    /// <summary>The files, in order.</summary>
    public ImmutableArray<string> Paths { get; }

    /// <summary>The version of the format.</summary>
    public uint Version { get; }

    /// <summary>The metadata; of a model in several files, the first one's.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>All tensors, in the order of the files.</summary>
    public ImmutableArray<GgufTensor> Tensors { get; }

    /// <summary>What the model is built like, such as <c>llama</c>; empty where the file does not say.</summary>
    public string Architecture => Metadata.GetString("general.architecture") ?? "";

    /// <summary>The size of all tensors in bytes.</summary>
    public long TensorBytes => Tensors.Sum(tensor => tensor.Length);

    /// <summary>A number that the model's architecture defines, such as <c>context_length</c>; null where it is absent.</summary>
    /// <param name="name">The key without the architecture before it.</param>
    public long? GetArchitectureInteger(string name) => Metadata.GetInteger($"{Architecture}.{name}");

    /// <summary>Reads a file, and of a model in several files (<c>…-00001-of-00003.gguf</c>) all of them.</summary>
    /// <exception cref="FileNotFoundException">The file, or another file of the model, does not exist.</exception>
    /// <exception cref="InvalidGgufException">A file is damaged, ends too early, or is no GGUF file.</exception>
    public static GgufFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        var first = GgufPart.Read(path);
        var metadata = new GgufMetadata(first.Metadata);
        var count = metadata.GetInteger("split.count") ?? 1;
        if (count <= 1)
        {
            return new GgufFile([path], first.Version, metadata, first.Tensors);
        }

        var paths = PartPaths(path, metadata, count);
        var parts = paths.Skip(1).Select(GgufPart.Read).Prepend(first).ToArray();
        Check(metadata, paths, parts);
        return new GgufFile(paths, first.Version, metadata, [.. parts.SelectMany(part => part.Tensors)]);
    }

    /// <summary>Writes a copy of a model with its weights in another format, from whatever format they have.</summary>
    /// <param name="source">The model; the first file of several.</param>
    /// <param name="target">The file to write; replaced where it exists, once the copy is whole.</param>
    /// <param name="type">The format.</param>
    /// <param name="progress">Told how much is done, from 0 to 1, tensor by tensor.</param>
    /// <param name="cancellationToken">
    /// Ends the task at once. llama.cpp cannot be interrupted here, so its threads work on unseen until the copy is
    /// written, and then it is deleted.
    /// </param>
    /// <exception cref="InvalidGgufException">The source is damaged.</exception>
    /// <exception cref="UnsupportedModelException">llama.cpp cannot convert this model.</exception>
    public static Task QuantizeAsync(
        string source, string target, GgufQuantization type, IProgress<float>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        return Quantizer.RunAsync(source, target, type, progress, cancellationToken);
    }

    private static ImmutableArray<string> PartPaths(string path, GgufMetadata metadata, long count)
    {
        if (metadata.GetInteger("split.no") is not 0)
        {
            throw new InvalidGgufException($"'{path}' is a part of a model in {count} files; name the first one.");
        }

        var name = PartName().Match(path);
        if (!name.Success || long.Parse(name.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) != count)
        {
            throw new InvalidGgufException($"'{path}' is the first of {count} files, and its name does not end with -00001-of-{count:D5}.gguf.");
        }

        return [.. Enumerable.Range(1, (int)count).Select(number => string.Create(
            CultureInfo.InvariantCulture, $"{name.Groups["prefix"].Value}-{number:D5}-of-{count:D5}.gguf"))];
    }

    private static void Check(GgufMetadata metadata, ImmutableArray<string> paths, GgufPart[] parts)
    {
        for (var i = 1; i < parts.Length; i++)
        {
            if (new GgufMetadata(parts[i].Metadata).GetInteger("split.no") != i)
            {
                throw new InvalidGgufException($"'{paths[i]}' is not part {i + 1} of the model that '{paths[0]}' begins.");
            }
        }

        var found = parts.Sum(part => part.Tensors.Length);
        if (metadata.GetInteger("split.tensors.count") is { } expected && expected != found)
        {
            throw new InvalidGgufException($"The files of '{paths[0]}' hold {found} tensors instead of {expected}.");
        }

        if (parts.SelectMany(part => part.Tensors).GroupBy(tensor => tensor.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new InvalidGgufException($"The tensor '{twice.Key}' stands in two files of '{paths[0]}'.");
        }
    }

    [GeneratedRegex(@"^(?<prefix>.*)-00001-of-(?<count>\d{5})\.gguf$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PartName();
}
