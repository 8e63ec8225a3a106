using System.Text;
using Connector.Decoding;
using Connector.Decoding.Text;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Reads the tokens of one answer as contents: text and thoughts as they come, calls whole. Not thread-safe.</summary>
internal sealed class AnswerReader
{
    private readonly Vocabulary _vocabulary;
    private readonly TextAssembler _text;
    private readonly IOutputSplitter _splitter;
    private readonly bool _hidesReasoning;
    private readonly bool _writesControl;
    private int _tokens;
    private bool _hasReasoning;
    private bool _hasAnswer;

    public AnswerReader(ChatRequest request, Vocabulary vocabulary, Random random)
    {
        _vocabulary = vocabulary;
        _text = new TextAssembler(request.Stops);
        _splitter = request.Turn.CreateSplitter(random);
        _hidesReasoning = request.HidesReasoning;
        _hasReasoning = request.Turn.StartsInReasoning;

        // Markers may be control tokens; where nothing is marked they are no text.
        _writesControl = _splitter is not TextSplitter;
    }

    /// <summary>Tokens up to the end of the thoughts.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Whether the answer holds calls.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>What is certain with one more token.</summary>
    public IEnumerable<AIContent> Read(int token)
    {
        _tokens++;
        var text = _writesControl && _vocabulary.IsControl(token)
            ? _text.Append(Encoding.UTF8.GetBytes(_vocabulary.Written(token)))
            : _text.Append(_vocabulary, token);
        if (text.Length == 0)
        {
            return [];
        }

        var contents = new List<AIContent>();
        _splitter.Add(text, contents);
        return Note(contents);
    }

    /// <summary>What was held back: there are no more tokens.</summary>
    public IEnumerable<AIContent> Finish()
    {
        var contents = new List<AIContent>();
        _splitter.Add(_text.Flush(), contents);
        _splitter.Finish(contents);
        return Note(contents);
    }

    private List<AIContent> Note(List<AIContent> contents)
    {
        foreach (var content in contents)
        {
            _hasReasoning |= content is TextReasoningContent;
            _hasAnswer |= content is not TextReasoningContent;
            HasCalls |= content is FunctionCallContent;
        }

        if (_hasReasoning && !_hasAnswer)
        {
            ReasoningTokens = _tokens;
        }

        if (_hidesReasoning)
        {
            contents.RemoveAll(c => c is TextReasoningContent);
        }

        return contents;
    }
}
