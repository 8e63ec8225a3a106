using System.Numerics.Tensors;
using Connector.Decoding;

namespace Connector.LlamaCpp.Tests.Context;

public class EvaluateTests(DemoModel demo) : IClassFixture<DemoModel>
{
    [Fact]
    public void The_demo_model_knows_a_capital()
    {
        var model = demo.Model;
        using var context = model.CreateContext(new LlamaContextOptions { Threads = 1 });
        var prompt = model.Vocabulary.Tokenize(
            "<|im_start|>user\nWhat is the capital of South Korea?<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);

        Assert.Contains("Seoul", model.Vocabulary.Decode(Greedy.Generate(context, model.Vocabulary, prompt, 32)), StringComparison.Ordinal);
    }
}

/// <summary>The plainest decoding loop there is: one token at a time, the largest logit.</summary>
internal static class Greedy
{
    public static int[] Generate(IModelContext context, Vocabulary vocabulary, int[] prompt, int maxTokens)
    {
        var batch = new TokenBatch(Math.Max(prompt.Length, 1));
        for (var i = 0; i < prompt.Length; i++)
        {
            batch.Add(prompt[i], i, 0, i == prompt.Length - 1);
        }

        var output = new List<int>();
        var row = prompt.Length - 1;
        while (output.Count < maxTokens)
        {
            context.Evaluate(batch);
            var token = TensorPrimitives.IndexOfMax(context.Logits(row));
            if (vocabulary.IsEndOfGeneration(token))
            {
                break;
            }

            batch.Clear();
            row = batch.Add(token, prompt.Length + output.Count, 0, true);
            output.Add(token);
        }

        return [.. output];
    }
}
